"""Exchange with the county from the window: one run, what came of it, and what 收发 shows. Needs no widgets."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.cases.conflicts import Difference, open_conflicts
from app.cases.proposals import Proposed, open_proposals
from app.cases.rejections import Refused, open_rejections
from app.errors import ShouwangError
from app.policy.access import Actor
from app.records import BY_NAME, Attachment, Person
from app.store.reader import Reader
from app.store.workspace import Workspace
from ui import joining, stick
from ui.carrying import Carried, carried_before, read_answers
from ui.exchange_list import HISTORY, listed
from ui.words import tr

if TYPE_CHECKING:
    from sync.client.engine import Outcome
    from sync.client.news import News
    from sync.client.parcel import Packed

log = logging.getLogger(__name__)
FAREWELL_SECONDS = 5.0
WAITING_SHOWN = 300
PHOTOS_SHOWN = 20
CAME_DAYS = 7
CAME_SHOWN = 300


Matter = Difference | Proposed | Refused
"""Something that needs somebody."""


def id_of(matter: Matter) -> str:
    """The id of the record that it is about."""
    if isinstance(matter, Difference):
        return matter.conflict.id
    return matter.proposal.id if isinstance(matter, Proposed) else matter.rejection.id


class Said(Protocol):
    """How a run tells how far it is, and learns that it should stop."""

    @property
    def stopped(self) -> bool: ...
    def tell(self, done: int, of: int, words: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An own save that the county has not yet: when, whose, what, by whom; or a photo, and how far it is."""

    at: datetime | None
    person: str = field(repr=False)
    verb: str
    types: str
    author: str


@dataclass(frozen=True, slots=True)
class Came:
    """A record that the county brought."""

    person: str = field(repr=False)
    subject: str
    type: str
    verb: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything 收发 shows, read in one go. ``state`` is a ``Light``; ``differs``: from the county, whatever was
    tried, which may be so besides what needs somebody."""

    state: str
    differs: bool
    county: str
    pending: int
    photos: int
    conflicts: tuple[Difference, ...]
    proposals: tuple[Proposed, ...]
    rejections: tuple[Refused, ...]
    waiting: tuple[Waiting, ...]
    came: tuple[Came, ...]
    history: tuple[dict[str, Any], ...]
    carried: tuple[Carried, ...]
    news: tuple[News, ...]

    def matters(self, later: Collection[str] = ()) -> list[Matter]:
        """Everything that needs somebody, what was put off at the end."""
        found: list[Matter] = [*self.conflicts, *self.proposals, *self.rejections]
        return sorted(found, key=lambda each: id_of(each) in later)


def standing(store: Workspace, actor: Actor) -> Standing:
    """How things stand between this desk and the county; asks only the store, never the line."""
    from sync.client import agreement
    from sync.client.credentials import ties
    from sync.client.engine import light, pending
    from sync.client.news import unread

    return Standing(
        light(store).value, agreement.differs(store), ties(store).name, pending(store), len(_transfers(store)),
        tuple(open_conflicts(store, actor)), tuple(open_proposals(store)), tuple(open_rejections(store)),
        tuple(_waiting(store)), tuple(_came(store)),
        tuple(store.setting(HISTORY, [])), carried_before(store), unread(store),
    )  # fmt: skip


def run(store: Workspace, said: Said) -> Outcome:
    """One exchange; what came of it is kept for the list of exchanges. Raises what the engine raises."""
    from sync.client.engine import exchange
    from sync.client.http import HttpCounty
    from sync.client.stopping import Stoppable

    line = HttpCounty.of(store)
    line.tell = lambda words: _tell(said, words, line)
    county = Stoppable(line, lambda: said.stopped)
    try:
        return listed(store, lambda: exchange(county, store, line.tell, lambda: said.stopped))
    finally:
        line.close()


def send_before_closing(store: Workspace) -> None:
    """What was saved last goes at once, as far as it goes within seconds: else it lies here until somebody opens the
    laptop again. Nothing that goes wrong here keeps the window from closing."""
    from sync.client.engine import send_only
    from sync.client.http import HttpCounty
    from sync.client.stopping import Stoppable

    if not is_joined(store) or not store.pending():
        return
    end = time.monotonic() + FAREWELL_SECONDS

    def is_late() -> bool:
        return time.monotonic() > end

    try:
        with closing(HttpCounty.of(store)) as line:
            send_only(Stoppable(line, is_late), store, cancelled=is_late)
    except ShouwangError as error:
        log.info("nothing more was sent before closing (%s)", error.code)
    except Exception:
        log.exception("nothing more was sent before closing")


def join(store: Workspace, url: str, code: str, authority: str, said: Said) -> str:
    """Join a county with a one-time code; gives its name.

    Raises what ``joining.join`` raises, and Cancelled as soon as it is stopped.
    """
    return joining.join(store, url, code, authority, lambda: said.stopped).terms.name


def save_to_stick(store: Workspace, file: Path) -> Packed:
    """Everything that waits as one sealed file; gives what is in it. Raises CountyRefused, UserError."""
    from sync.client.parcel import pack

    packed = pack(store)
    stick.write_file(file, packed.content)
    return packed


def read_from_stick(store: Workspace, place: Path) -> Outcome:
    """What the county answered, in a file or anywhere on a stick; kept in the list of exchanges.

    Raises ParcelRefused, CountyRefused, UserError.
    """
    return listed(store, lambda: read_answers(store, place), by_stick=True)


def is_joined(store: Reader) -> bool:
    """Whether a county has let this workspace in."""
    from sync.client.credentials import ties_of

    return ties_of(store.setting("county")).is_joined


def _tell(said: Said, words: str, county: Any) -> None:
    if not said.stopped:  # the engine ends by itself, between two pages
        said.tell(0, 0, f"{words}　{amount(county.bytes_up + county.bytes_down)}")


def amount(count: int) -> str:
    """Bytes in words: 12 KB, 1.3 MB."""
    if count < 1_000_000:
        return f"{max(count, 0) / 1000:.0f} KB"
    return f"{count / 1_000_000:.1f} MB"


def outcome_words(line: dict[str, Any]) -> str:
    """What an exchange came to, in a sentence."""
    if line.get("error"):
        return str(line["error"])
    parts = [tr("送出 {n} 条", n=f"{line['sent']:,}"), tr("收到 {n} 条", n=f"{line['received']:,}")]
    if line["conflicts"]:
        parts.append(tr("{n} 处两边改得不一样", n=line["conflicts"]))
    if line["rejections"]:
        parts.append(tr("{n} 条县里没有收", n=line["rejections"]))
    if line.get("photos_waiting"):
        parts.append(tr("{n} 张照片待送", n=line["photos_waiting"]))
    return "。".join(["，".join(parts), *(each.rstrip("。") for each in line.get("news", ()))])


# What waits, what came


def _waiting(store: Workspace) -> list[Waiting]:
    from app.store.changes import unsent

    units = unsent(store, WAITING_SHOWN)
    people = store.many(Person, {unit.subject for unit in units if unit.subject})
    return [
        Waiting(
            datetime.fromtimestamp(unit.made_at / 1000, tz=store.clock.now().tzinfo),
            _name(people.get(unit.subject)), unit.verb, _labels([change.type for change in unit.changes]),
            unit.author_name,
        )
        for unit in units
    ] + _waiting_photos(store)  # fmt: skip


def _transfers(store: Workspace) -> list[tuple[str, str, int, int]]:
    """Photos on their way: up or down, SHA-256, bytes done, size."""
    from app.store.changes import writing

    with writing(store) as work:
        return [(way, *each) for way in ("up", "down") for each in work.transfers(way)]


def _waiting_photos(store: Workspace) -> list[Waiting]:
    """Photos go behind the words, in parts; each says how far it is."""
    told: list[Waiting] = []
    for way, digest, done, size in _transfers(store)[:PHOTOS_SHOWN]:
        photo = next(iter(store.find(Attachment, sha256=digest, limit=1)), None)
        person = store.get(Person, photo.subject) if photo and photo.subject else None
        told.append(Waiting(None, _name(person), _photo_words(way, done, size), tr("照片"), ""))
    return told


def _photo_words(way: str, done: int, size: int) -> str:
    if way == "down":
        return tr("等县里传来")
    return tr("已传 {done}，共 {size}", done=amount(done), size=amount(size)) if done else tr("文字送完就传")


def _came(store: Workspace) -> list[Came]:
    found = store.came(store.clock.now() - timedelta(days=CAME_DAYS))[:CAME_SHOWN]
    subjects = _subjects(store, [(type_name, id_) for type_name, id_, _ in found])
    people = store.many(Person, set(subjects.values()))
    lines: dict[tuple[str, str], Came] = {}
    for type_name, id_, verb in found:
        subject = subjects.get((type_name, id_), "")
        came = Came(_name(people.get(subject)), subject, _labels([type_name]), verb)
        lines.setdefault((type_name, id_), came)
    return list(lines.values())


def _subjects(store: Reader, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Whose record each is."""
    found: dict[tuple[str, str], str] = {}
    for type_name in {type_name for type_name, _ in names}:
        cls = BY_NAME.get(type_name)
        ids = [id_ for name, id_ in names if name == type_name]
        records = store.many(cls, ids) if cls else {}
        found.update(((type_name, id_), record.spec.subject_of(record) or "") for id_, record in records.items())
    return found


def _name(person: Person | None) -> str:
    return (person.name or "") if person else ""


def _labels(types: Sequence[str]) -> str:
    known = (BY_NAME[name].spec.label if name in BY_NAME else name for name in types)
    return "、".join(dict.fromkeys(known))
