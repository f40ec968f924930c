"""The county's side: making its server, codes for desks to join, the desks that joined."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import CHINA
from app.errors import UserError
from ui.commands.answer import Answer, Asked
from ui.commands.usage import ROLES, Parser

if TYPE_CHECKING:
    from sync.server.accounts import Device
    from sync.server.county import CountyServer

DATABASE = "资料放在 PostgreSQL 里，如 postgresql://shouwang@127.0.0.1/shouwang，口令不写在里面；不写就放在文件夹里"
DEVICE: dict[str, Any] = {"metavar": "电脑", "help": "电脑的编号，见 county devices"}
ON_A_SERVER = (
    "资料在数据库里，这个文件夹只记着它的地址。数据库里的内容不另加密：请把它放在加密的磁盘上，"
    "备份仍用 county backup，备份是加密的。"
)


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    data: dict[str, Any] = {"required": True, "metavar": "文件夹", "help": "县级服务器的数据文件夹"}
    made = parser.verb("county init", init, "新建县级服务器").takes("--data", **data)
    made.takes("--org", required=True, metavar="区划代码", help="县的 12 位区划代码")
    made.takes("--name", required=True, metavar="名称", help="县的名称")
    made.takes("--database", default="", metavar="地址", help=DATABASE)
    code = parser.verb("county enrol", enrol, "给一个岗位发一次性的注册码").takes("--data", **data)
    code.takes("--org", required=True, metavar="区划代码", help="村或乡镇的 12 位区划代码")
    code.takes("--role", required=True, metavar="岗位", help=ROLES)
    code.takes("--name", required=True, metavar="名称", help="岗位的名称，如 练习村儿童主任")
    parser.verb("county devices", devices, "已经加入的电脑").takes("--data", **data)
    stopped = parser.verb("county revoke", revoke, "停用一台电脑和从它复制出来的，再也收发不了；电脑丢了就用它")
    stopped.takes("--data", **data).takes("device", **DEVICE)
    for name, do, says in (
        ("county grant", grant, "让一台电脑再管一个地方"), ("county ungrant", ungrant, "让一台电脑不再管一个地方"),
    ):  # fmt: skip
        told = parser.verb(name, do, says).takes("--data", **data)
        told.takes("device", **DEVICE)
        told.takes("org", metavar="区划代码", help="村或乡镇的 12 位区划代码")
    left = parser.verb("county leave", leave, "管这台电脑的人调离了：先收没送的，再移走资料")
    left.takes("--data", **data).takes("device", **DEVICE)
    copied = parser.verb("county backup", backup, "备份县级资料，读回核对").takes("--data", **data)
    copied.takes("file", metavar="文件", help="备份文件")
    back = parser.verb("county restore", restore, "从备份恢复到新的文件夹").takes("--data", **data)
    back.takes("file", metavar="文件", help="备份文件")
    back.takes("--key", default="", metavar="文件", help="原来数据文件夹旁边的 .key 文件；在旁边时不用写")
    back.takes("--database", default="", metavar="地址", help="恢复到 PostgreSQL 数据库，地址同 county init")
    emptied = parser.verb("county empty-bin", empty_bin, "清空回收站里删除满 90 天的；运行时每天自动做")
    emptied.takes("--data", **data)
    emptied.takes("--dry-run", action="store_true", help="只说会清空多少，不动")
    served = parser.verb("serve", serve, "运行县级服务器，按 Ctrl+C 停下").takes("--data", **data)
    served.takes("--port", type=int, default=8750, metavar="端口", help="端口，默认 8750")
    served.takes("--host", default="127.0.0.1", metavar="地址", help="监听的地址；不是本机时要有证书")
    served.takes("--certificate", default="", metavar="文件", help="证书（PEM）")
    served.takes("--certificate-key", default="", metavar="文件", help="证书的私钥（PEM）")


def init(asked: Asked) -> Answer:
    """An empty county; a practice one for the codes that no real county has."""
    from app.records.divisions import Level, is_code, is_practice, level_of
    from sync.server.county import county_init

    practice = is_practice(asked.org)
    if not is_code(asked.org) or level_of(asked.org) is not Level.COUNTY:
        raise UserError(f"没有新建。{asked.org} 不是县（市、区）的区划代码。", advice="请填 12 位的，如 530622000000。")
    county_init(Path(asked.data), asked.org, asked.name, practice=practice, database=asked.database).ledger.close()
    value = {"data": asked.data, "org": asked.org, "kind": "practice" if practice else "real"}
    key = Path(asked.data).resolve()
    line = f"已新建县级服务器：{asked.name}。密钥在 {key.parent / (key.name + '.key')}，请和数据分开备份。"
    return Answer(value, (line, ON_A_SERVER) if asked.database else (line,))


def enrol(asked: Asked) -> Answer:
    """A code that lets one desk in, once."""
    from sync.server.accounts import DAYS_VALID, make_code

    _require_division(asked.org)
    with _opened(asked) as county:
        code = make_code(county.ledger, asked.org, asked.role, asked.name)
    return Answer({"code": code, "days": DAYS_VALID}, (code, f"只能用一次，{DAYS_VALID} 天内有效。"))


def _require_division(org: str) -> None:
    """A desk can be made only where there is one. Raises UserError; what is no code at all is refused by the county."""
    from app.records.divisions import division, is_code

    if is_code(org) and division(org) is None:
        raise UserError(f"什么都没有改动。没有区划代码 {org[:20]}。", advice="请核对 12 位区划代码。")


def devices(asked: Asked) -> Answer:
    """Who joined, for which post, when it was last seen."""
    from sync.server import accounts

    with _opened(asked) as county:
        found = accounts.devices(county.ledger)
    value = [
        {"id": one.id, "name": one.name, "org": one.org, "orgs": list(one.orgs), "role": one.role,
         "holder": one.holder_name,
         "enrolled_at": one.enrolled_at, "seen_at": one.seen_at, "revoked": one.revoked_at is not None,
         "forked_from": one.forked_from, "forked_at": one.forked_at}
        for one in found
    ]  # fmt: skip
    lines = [
        f"{one.id}  {one.name}  {one.holder_name}  管{_places(one.orgs)}  最近 {_at(one.seen_at)}"
        f"{'  已停用' if one.revoked_at else ''}{_copied(one)}"
        for one in found
    ]
    if any(one.forked_from for one in found):
        lines.append("资料被复制过的，请问一问使用人：换了电脑、恢复了旧备份，还是有人拷走了。")
        lines.append("不该有的那台用 county revoke 停用。")
    return Answer(value, lines or ("还没有电脑加入。",))


def _copied(one: Device) -> str:
    """That two computers go by one desk's name: copied, or put back to what it was."""
    if one.forked_from:
        return f"  {_at(one.enrolled_at)} 起，资料是从 {one.forked_from} 来的"
    return f"  {_at(one.forked_at)} 发现资料有另一台也在用" if one.forked_at else ""


def _places(orgs: Sequence[str]) -> str:
    from app.records.divisions import short_name

    return "、".join(f"{short_name(org)} {org}" for org in orgs) or "：已调离"


def grant(asked: Asked) -> Answer:
    """One more division for a desk; it gets the records there with its next exchange."""
    from app.records.divisions import short_name
    from sync.server import grants

    _require_division(asked.org)
    with _opened(asked) as county:
        grants.grant(county.ledger, asked.device, asked.org)
    return Answer({"granted": asked.device, "org": asked.org}, (f"已把{short_name(asked.org)}交给这台电脑管。",))


def ungrant(asked: Asked) -> Answer:
    """A division less; the desk delivers what it has not sent, then the records there leave it."""
    from app.records.divisions import short_name
    from sync.server import grants

    with _opened(asked) as county:
        grants.ungrant(county.ledger, asked.device, asked.org)
    lines = (f"{short_name(asked.org)}不再归这台电脑管。", UNSENT_FIRST)
    return Answer({"ungranted": asked.device, "org": asked.org}, lines)


def leave(asked: Asked) -> Answer:
    """Whoever worked at the desk leaves; for a lost or stolen one there is ``revoke``."""
    from sync.server import grants

    with _opened(asked) as county:
        grants.leave(county.ledger, asked.device)
    lines = ("已办调离。", UNSENT_FIRST, "电脑丢了或被偷了，请再用 shouwang county revoke 停用。")
    return Answer({"left": asked.device}, lines)


UNSENT_FIRST = "那台电脑下次收发时，先把没送的送到县里，再移走那里的资料。"


@contextmanager
def _opened(asked: Asked) -> Iterator[CountyServer]:
    from sync.server.county import open_county

    county = open_county(Path(asked.data))
    try:
        yield county
    finally:
        county.ledger.close()


def backup(asked: Asked) -> Answer:
    """One encrypted file, read back before it counts; the county may go on serving."""
    from sync.server.copies import back_up

    made = back_up(Path(asked.data), Path(asked.file))
    value = {"file": str(made.file), "bytes": made.size, "records": made.records, "units": made.units,
             "devices": made.devices, "epoch": made.epoch, "durable_seq": made.seq}  # fmt: skip
    line = f"已备份并逐条读回核对：{made.file}，{made.records} 条记录，{made.devices} 台电脑。"
    return Answer(value, (line, "打开它要用数据文件夹旁边的 .key 文件，请把两样分开放好。"))


def restore(asked: Asked) -> Answer:
    """A county beside what there is, never over it; desks then give back what the copy did not have."""
    from sync.server.copies import restore as restore_copy

    found = restore_copy(Path(asked.file), Path(asked.data), Path(asked.key) if asked.key else None, asked.database)
    value = {"data": asked.data, "records": found.records, "devices": found.devices, "durable_seq": found.seq}
    lines = (
        f"已恢复到 {asked.data}：{found.records} 条记录，{found.devices} 台电脑。",
        "备份以后送来的，各台电脑下次收发时会补回。",
        "备份以后加入的电脑要用新的注册码再加入一次；备份以后办过停用、调离、换地方的，请再办一次（county devices）。",
    )
    return Answer(value, lines)


NOT_SURE = (
    "现在还不清空：县里的数据恢复以后不满 90 天，或者有电脑来收发的日子不满 30 天（服务器的日期跳了也会这样）。"
)


def empty_bin(asked: Asked) -> Answer:
    """What was deleted ninety days ago is erased; counts only, never a name."""
    from app.records import BY_NAME
    from sync.server import bin
    from sync.server.county import open_county

    county = open_county(Path(asked.data))
    try:
        found = bin.foresee(county.ledger) if asked.dry_run else bin.empty(county.ledger)
        is_sure = bin.sure_now(county.ledger) > 0
    finally:
        county.ledger.close()
    value = {"records": dict(found.records), "photos": found.photos, "staying": found.staying}
    labels = {name: BY_NAME[name].spec.label if name in BY_NAME else name for name in found.records}
    counted = "，".join(f"{labels[name]} {count}" for name, count in found.records.items())
    what = f"{sum(found.records.values())} 条（{counted}），{found.photos} 张照片" if counted else "没有满 90 天的"
    lines = [f"{'会清空' if asked.dry_run else '已清空'}：{what}。"]
    if not is_sure:
        lines.append(NOT_SURE)
    if found.staying:
        lines.append(f"{found.staying} 人删除以后又有人记了东西，或者另一份登记还在用，没有清空。")
    return Answer({**value, "done": not asked.dry_run}, tuple(lines))


def _at(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, CHINA):%Y-%m-%d %H:%M}"


def serve(asked: Asked) -> Answer:
    """Until it is ended; without a certificate only for this computer, or behind a server that has one."""
    from sync.server.serving import LOOPBACK
    from sync.server.serving import serve as serve_county

    certificate, key = (Path(name) if name else None for name in (asked.certificate, asked.certificate_key))
    if bool(certificate) != bool(key):
        raise UserError("没有启动。证书和私钥要一起给。", advice="请加 --certificate 和 --certificate-key。")
    if asked.host != LOOPBACK and not (certificate and key):
        raise UserError(
            "没有启动。对外服务要有证书，不然传的内容谁都能看。", advice="请加 --certificate 和 --certificate-key。"
        )
    serve_county(Path(asked.data), asked.port, asked.host, certificate, key, tell=_serving)
    return Answer({"served": asked.data}, ("县级服务器已停下。",))


def _serving(url: str) -> None:
    print(f"县级服务器在 {url} 运行，按 Ctrl+C 停下。", file=sys.stderr, flush=True)


def revoke(asked: Asked) -> Answer:
    """Nothing more goes out to that desk, nor to copies of it."""
    from sync.server import accounts

    with _opened(asked) as county:
        copies = accounts.revoke(county.ledger, asked.device)
    lines = ["已停用。它上面的资料还在那台电脑里，请收回那台电脑。"]
    if copies:
        lines.append(f"从它复制出来的 {len(copies)} 台一起停用了，没有送的还在各台电脑里：")
        lines += [f"{one.id}  {one.name}  {one.holder_name}" for one in copies]
        lines.append("其中还该用的，用 county enrol 发新的注册码，在那台电脑上重新加入。")
    return Answer({"revoked": asked.device, "copies": [one.id for one in copies]}, tuple(lines))
