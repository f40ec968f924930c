"""The workspace as a whole: making it, keeping a copy, getting it back, looking whether it is sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import UserError
from ui.commands.answer import Answer, Asked
from ui.commands.usage import ROLES, Parser

if TYPE_CHECKING:
    from app.store import Post
    from app.store.workspace import Workspace

NEW_FILES = ("vault.json", "shouwang.db", "workspace.lock")


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    made = parser.verb("init", init, "新建一份资料")
    made.takes("--org", required=True, metavar="区划代码", help="12 位区划代码")
    made.takes("--role", default="child_director", metavar="岗位", help=ROLES)
    made.takes("--name", default="", metavar="姓名", help="使用人的姓名")
    made.takes("--practice", action="store_true", help="练习用的资料，永远不能连真的县")
    made.takes("--county", default="", metavar="网址", help="县级服务器的网址，和 --enrol 一起用")
    made.takes("--enrol", default="", metavar="注册码", help="县里给的一次性注册码")
    parser.verb("backup", backup, "备份成一个加密的文件").takes("file", metavar="文件", help="备份文件")
    parser.verb("restore", restore, "从备份恢复到新的文件夹").takes("file", metavar="文件", help="备份文件")
    parser.verb("check", check, "检查资料有没有损坏")


def init(asked: Asked) -> Answer:
    """Make a workspace; the recovery code is shown once."""
    from app.cases.agenda import default_planner
    from app.records.divisions import is_practice
    from app.store.workspace import create_store

    asked.today()
    if bool(asked.county) != bool(asked.enrol):
        raise UserError("还没有新建。--county 和 --enrol 要一起写。", advice="单机使用就两个都不写。")
    post = _post(asked.org, asked.role)
    kind = "practice" if asked.practice or is_practice(asked.org) else "real"
    made = create_store(
        asked.folder, asked.passphrase(new=True), post=post, holder_name=asked.name or post.name,
        kind=kind, clock=asked.clock, planner=default_planner(),
    )  # fmt: skip
    value = {"workspace": str(asked.folder), "post": post.name, "kind": kind, "recovery_code": made.recovery_code,
             "county": _joined(asked, made.store)}  # fmt: skip
    lines = (
        f"已新建：{post.name}，在 {asked.folder}。",
        f"恢复码：{made.recovery_code}",
        "请把恢复码抄在纸上收好。忘了口令只能靠它，它只显示这一次。",
    )
    return Answer(value, lines)


def _post(org: str, role: str) -> Post:
    from app.policy.access import SITS_AT, WHO_SITS_WHERE, Role
    from app.records.codes import code_list
    from app.records.divisions import division, level_of
    from app.store import Post

    place, roles = division(org), code_list("role")
    if place is None:
        raise UserError(f"还没有新建。没有区划代码 {org[:20]}。", advice="请向乡镇问清 12 位区划代码，再试。")
    if role not in roles:
        names = "、".join(each.code for each in roles)
        raise UserError(f"还没有新建。没有岗位 {role[:30]}。", advice=f"可用的有：{names}。")
    if level_of(org) is not SITS_AT[Role(role)]:
        raise UserError(f"还没有新建。{place.name}这一级没有这个岗位。", advice=WHO_SITS_WHERE)
    return Post(org, role, f"{place.name}{roles.label(role)}")


def _joined(asked: Asked, store: Workspace) -> dict[str, Any] | None:
    """What the county says to the new workspace, if one was named; when it says no, nothing is left behind."""
    from ui.commands.exchange import join_county

    try:
        found = join_county(store, asked.county, asked.enrol) if asked.county else None
    except BaseException:
        store.close()
        for name in NEW_FILES:
            (asked.folder / name).unlink(missing_ok=True)
        raise
    store.close()
    return found


def backup(asked: Asked) -> Answer:
    """One encrypted file that was read back before it is called a backup."""
    from app.store.backup import make_backup

    with asked.open() as store:
        made = make_backup(store, Path(asked.file))
    value = {"file": str(made.file), "bytes": made.size, "records": made.records, "attachments": made.attachments}
    line = f"已备份并读回核对：{made.file}，{made.records} 条记录，{made.attachments} 个附件。"
    return Answer(value, (line, "打开它需要原来的口令或恢复码。"))


def restore(asked: Asked) -> Answer:
    """A workspace beside what there is, never over it."""
    from app.store.backup import restore_backup

    restored = restore_backup(Path(asked.file), asked.folder, asked.passphrase())
    value = {"workspace": str(asked.folder), "records": restored.records, "attachments": restored.attachments}
    return Answer(value, (f"已恢复到 {asked.folder}：{restored.records} 条记录，{restored.attachments} 个附件。",))


def check(asked: Asked) -> Answer:
    """Every page, every index, and the derived roll against the records."""
    from app.store.backup import examine

    with asked.open() as store:
        found = examine(store)
    value = {"sound": found.is_sound, "records": found.records, "problems": list(found.problems)}
    if found.is_sound:
        return Answer(value, (f"资料完好：{found.records} 条记录，逐页核对过。",))
    note = "资料有问题（见上），没有改动它。请先备份，再把情况告诉技术人员。"
    return Answer(value, found.problems, (note,), ok=False)
