"""The spreadsheets of the lesson: the village's old ledger, and the table that the county sends round."""

from __future__ import annotations

from pathlib import Path

from app.paths import resource

LEDGER = "留守儿童台账(最终版3).xls"
BLANK = "县里发的空表.xlsx"


def ledger() -> Path:
    """A village's ledger as it is: two sheets, 同上, two phones in a cell, a damaged number, a row without a name."""
    return resource("training", LEDGER)


def blank_table() -> Path:
    """The county's blank table with merged titles, two rows of headings and a line for signatures."""
    return resource("training", BLANK)
