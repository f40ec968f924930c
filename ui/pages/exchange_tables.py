"""The lists of 收发: what waits, what came, what became of earlier exchanges."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ui.dialogs.history import VERBS
from ui.exchanging import amount, outcome_words
from ui.models.short_table import ShortColumn, ShortTableView
from ui.pages.print_records import moment
from ui.words import tr

SENT = {"print": "打印", "settle": "定下不一样的", "spoil": "纸质表作废", "attach": "加照片"}


def waiting_table() -> ShortTableView:
    """Own saves that the county has not yet."""
    return ShortTableView(
        (
            ShortColumn(tr("时间"), lambda line: moment(line.at) if line.at else "", 8, lambda line: "quiet"),
            ShortColumn(tr("谁的"), lambda line: line.person, 5),
            ShortColumn(tr("记录"), lambda line: line.types, 12),
            ShortColumn(tr("做了什么"), lambda line: _verb(line.verb) if line.at else line.verb, 9),
            ShortColumn(tr("谁写的"), lambda line: line.author, 8, lambda line: "quiet"),
        ),
        tr("待送的"),
    )


def came_table() -> ShortTableView:
    """What the county brought lately."""
    return ShortTableView(
        (
            ShortColumn(tr("谁的"), lambda line: line.person, 8),
            ShortColumn(tr("记录"), lambda line: line.type, 14),
            ShortColumn(tr("做了什么"), lambda line: _verb(line.verb), 14, lambda line: "quiet"),
        ),
        tr("收到的"),
    )


def history_table() -> ShortTableView:
    """Earlier exchanges, the last one first."""
    return ShortTableView(
        (
            ShortColumn(tr("时间"), lambda line: moment(datetime.fromisoformat(line["at"])), 10),
            ShortColumn(tr("结果"), outcome_words, 30),
            ShortColumn(tr("用时、流量"), _cost, 10, lambda line: "quiet"),
        ),
        tr("以前的收发"),
    )


def carried_table() -> ShortTableView:
    """Other villages' files that were taken to the county from here."""
    return ShortTableView(
        (
            ShortColumn(tr("文件"), lambda line: line.file, 18),
            ShortColumn(tr("怎么样了"), lambda line: line.words, 24, lambda line: _fate_colour(line.fate)),
        ),
        tr("捎带的"),
    )


def _fate_colour(fate: str) -> str:
    return "quiet" if fate in ("taken", "before") else "danger"


def _verb(verb: str) -> str:
    return VERBS.get(verb) or tr(SENT.get(verb, "修改"))


def _cost(line: dict[str, Any]) -> str:
    if line.get("error"):
        return ""
    used = amount(line["bytes_up"] + line["bytes_down"])
    return tr("{s} 秒，{used}", s=line["seconds"], used=used)
