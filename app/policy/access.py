"""Who may do what with which record: one table of posts and record types, and the reason when the answer is no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.errors import NotAllowed
from app.records.divisions import Level, is_within, short_name


class Role(StrEnum):
    """The posts; codes of ``role``."""

    CHILD_DIRECTOR = "child_director"
    CHILD_SUPERVISOR = "child_supervisor"
    SOCIAL_WORKER = "social_worker"
    OFFICER = "officer"


SITS_AT = {
    Role.CHILD_DIRECTOR: Level.VILLAGE,
    Role.CHILD_SUPERVISOR: Level.TOWN,
    Role.SOCIAL_WORKER: Level.TOWN,
    Role.OFFICER: Level.COUNTY,
}
WHO_SITS_WHERE = "儿童主任在村（社区），督导员和社工在乡镇（街道），县级人员在县。"


class Action(StrEnum):
    """What one may want to do with a record."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    PRINT = "print"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person at the desk, by the post they hold; ``org`` is its division: a village, a township, a county.

    ``orgs`` names all of them when the county has granted the post several, ``org`` the first.
    """

    id: str
    name: str
    role: str
    org: str
    orgs: tuple[str, ...] = ()

    @property
    def served(self) -> tuple[str, ...]:
        """Everything that the post looks after."""
        return self.orgs or (self.org,)

    def serves(self, org: str) -> bool:
        """Whether a division lies in what the post looks after."""
        return any(is_within(org, each) for each in self.served)


# r read, w write, d delete, p print, x export into a spreadsheet; "own:" only what one has written oneself.
# Reports, HIV and bank accounts are narrower than the rest (domain.md 2.9 and 7.2: P3, P6), and nobody exports the
# first two. Case work belongs to the station; a child director hands over by referral.
TABLE = """
record type              child_director  child_supervisor  social_worker  officer
person                   rwdpx           rwdpx             rwdpx          rwpx
household                rwdpx           rwdpx             rwdpx          rwpx
kinship                  rwdpx           rwdpx             rwdpx          rwpx
child                    rwdpx           rwdpx             rwdpx          rwpx
elder                    rwdpx           rwdpx             rwdpx          rwpx
stay                     rwdpx           rwdpx             rwdpx          rwpx
child_visit              rwdpx           rwdpx             rwdpx          rpx
elder_visit              rwdpx           rwdpx             rwdpx          rpx
sheet                    rwd             rwd               rwd            r
attachment               rwdp            rwdp              rwdp           rp
lead                     rwdpx           rwdpx             rwdpx          rwpx
entrustment              rwdpx           rwdpx             rwdpx          rpx
risk_assessment          rwdpx           rwdpx             rwdpx          rpx
self_care_assessment     rwdpx           rwdpx             rwdpx          rwpx
capability_assessment    rpx             rwdpx             rwdpx          rwpx
benefit                  rwdpx           rwdpx             rwdpx          rwpx
residence_application    rwdpx           rwdpx             rwdpx          rwpx
activity                 rwdpx           rwdpx             rwdpx          rpx
consent                  rwdp            rwdp              rwdp           rp
referral                 rwdp            rwdp              rwdp           rwp
alert                    rw              rw                rw             rwd
proposal                 rw              rw                rw             rw
conflict                 rw              rw                rw             rw
rejection                rw              rw                rw             rw
alias                    rw              rw                rw             rw
case                     -               rp                rwdpx          rp
case_note                -               rp                rwdp           -
benefit_account          rwdp            rwdp              -              rp
mandatory_report         own:rwp         rwp               own:rwp        rwp
health_confidential      own:rw          -                 own:rw         rw
"""

_LETTERS = {
    "r": Action.READ,
    "w": Action.WRITE,
    "d": Action.DELETE,
    "p": Action.PRINT,
    "x": Action.EXPORT,
}
_VERBS = {
    Action.READ: "看",
    Action.WRITE: "改",
    Action.DELETE: "删除",
    Action.PRINT: "打印",
    Action.EXPORT: "导出",
}


@dataclass(frozen=True, slots=True)
class Permission:
    """What a post may do with a type; ``own_only``: with what the person has written."""

    actions: frozenset[Action]
    own_only: bool


def refusal(actor: Actor, action: Action | str, type_name: str, org: str, *, author: str | None = None) -> str | None:
    """Why this is not allowed, as a Chinese sentence; None if it is.

    ``org`` is the division of the person whom the record concerns; "" for what belongs to no place.
    ``author`` is the id of who wrote the record; None for a new one.
    """
    wanted = Action(action)
    permission = PERMISSIONS.get(type_name, {}).get(actor.role)
    if permission is None:
        return "这台电脑上的程序还不认识这一类记录，请更新程序。"
    if wanted not in permission.actions:
        return f"您的岗位不能{_VERBS[wanted]}这一类记录。"
    if permission.own_only and author not in (None, actor.id):
        return f"这一类记录只有填写人能{_VERBS[wanted]}。"
    if org and not actor.org:  # to the divisions the empty code is the whole country; a post is never that
        return "这份资料没有写明归哪里管。"
    if org and not actor.serves(org):
        return f"这是{short_name(org)}的记录，不归{'、'.join(map(short_name, actor.served))}管。"
    return None


def require(actor: Actor, action: Action | str, type_name: str, org: str, *, author: str | None = None) -> None:
    """Raise NotAllowed with the reason unless this is allowed."""
    if reason := refusal(actor, action, type_name, org, author=author):
        raise NotAllowed(f"什么都没有改动。{reason}", advice="需要时请找上级管理人员办理。")


def is_restricted(type_name: str) -> bool:
    """Whether some post that works in the same place may not read all records of the type."""
    return any(
        permission.own_only or Action.READ not in permission.actions
        for permission in PERMISSIONS.get(type_name, {}).values()
    )


def _permission(cell: str) -> Permission:
    own, _, letters = cell.rpartition(":")
    return Permission(frozenset(_LETTERS[letter] for letter in letters if letter != "-"), own == "own")


def _parsed(table: str) -> dict[str, Mapping[str, Permission]]:
    rows = table.strip().splitlines()[1:]
    cells = [row.split() for row in rows]
    return {name: dict(zip(Role, map(_permission, permissions), strict=True)) for name, *permissions in cells}


PERMISSIONS = _parsed(TABLE)
"""Record type → post → permission, read from the table above."""
