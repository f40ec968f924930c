"""The exchange over a stick: a file from the desk, an answer from the county."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from app.errors import UserError
from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser
from ui.stick import read_file, write_file


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    data: dict[str, Any] = {"required": True, "metavar": "文件夹", "help": "县级服务器的数据文件夹"}
    packed = parser.verb("parcel pack", pack, "把待送的封成一个文件，用 U 盘带到县里")
    packed.takes("file", metavar="文件", help="写到哪个文件；名字以 .swp 结尾，捎带时才找得到")
    read = parser.verb("parcel unpack", unpack, "读入县里回的文件")
    read.takes("file", metavar="文件", help="县里回的文件，或者 U 盘：只读给这份资料的")
    taken = parser.verb("parcel carry", carry, "把 U 盘上各村存的文件送到县里，回执写在旁边")
    taken.takes("stick", metavar="文件夹", help="U 盘，或放着那些文件的文件夹")
    answered = parser.verb("county parcel", answer, "收下村里带来的文件，写好回执").takes("--data", **data)
    answered.takes("file", metavar="文件", help="村里带来的文件")
    answered.takes("-o", "--output", required=True, metavar="文件", help="回执写到哪个文件")


def pack(asked: Asked) -> Answer:
    """Sealed to the county; who carries it can neither read nor change it."""
    from sync.client import parcel

    file = _new(asked.file)
    with asked.open() as store:
        packed = parcel.pack(store)
    write_file(file, packed.content)
    value = {"file": str(file), "bytes": len(packed.content), "units": packed.units, "photos": packed.photos}
    photos = f"、{packed.photos} 张照片" if packed.photos else ""
    return Answer(value, (f"已存好：{file}，{packed.units} 条{photos}。只有县里能打开。",))


def unpack(asked: Asked) -> Answer:
    """Acknowledgements and what is new; the same file twice does no harm."""
    from sync.client import engine
    from sync.client.moved import in_words
    from ui.carrying import read_answers
    from ui.exchange_list import listed

    with asked.open() as store:
        outcome = listed(store, lambda: read_answers(store, Path(asked.file)), by_stick=True)
        waiting = engine.pending(store)
    names = ("sent", "received", "conflicts", "rejections", "photos_waiting", "delivered")
    value = {name: getattr(outcome, name) for name in names}
    state = "已全部送到" if outcome.delivered else f"{waiting} 条待送" if waiting else "还有没取完的，请再存一次带去"
    moved = in_words(outcome.moved)
    said = f"{state}：县里收下 {outcome.sent} 条，带回 {outcome.received} 条。"
    return Answer({**value, "moved": list(moved)}, (said, *moved))


def carry(asked: Asked) -> Answer:
    """Every village's file on a stick to the county over this line; the carrier reads none of them."""
    from ui.carrying import carry_all

    with asked.open() as store:
        done = carry_all(store, Path(asked.stick), _Aloud())
    value = [{"file": each.file, "fate": each.fate} for each in done]
    is_done = all(each.fate in ("taken", "before") for each in done)
    return Answer(value, [f"{each.file}：{each.words}" for each in done], ok=is_done)


class _Aloud:
    """Says how far it is to whoever looks; a script stops it by ending it."""

    stopped = False

    def tell(self, done: int, of: int, words: str = "") -> None:
        """So many of so many."""
        if sys.stderr.isatty():
            print(f"{done}/{of} {words}", file=sys.stderr)


def answer(asked: Asked) -> Answer:
    """The county takes what is in the file and writes what that desk does not have."""
    from sync.server import parcels
    from sync.server.county import open_county

    file, content = _new(asked.output), read_file(Path(asked.file))
    county = open_county(Path(asked.data))
    try:
        made = parcels.answer(county, content)
    finally:
        county.ledger.close()
    write_file(file, made)
    return Answer({"file": str(file), "bytes": len(made)}, (f"已收下，回执在 {file}。只有送来的那台电脑能打开。",))


def _new(name: str) -> Path:
    file = Path(name)
    if file.exists():
        raise UserError(f"没有写。「{file}」已经存在。", advice="请换一个文件名。")
    return file
