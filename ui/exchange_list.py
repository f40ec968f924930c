"""The list of exchanges (以前的收发): what each came to, whoever asked for it. Needs no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.errors import ShouwangError

if TYPE_CHECKING:
    from app.store.workspace import Workspace
    from sync.client.engine import Outcome

Line = dict[str, Any]
HISTORY = "exchange.history"
KEPT = 100
"""Some days, while everything that is saved is sent a minute later."""
COUNTS = ("sent", "received", "conflicts", "rejections")
COST = {"at", "seconds", "bytes_up", "bytes_down"}
"""By this two exchanges without news may differ and still be one entry."""


def listed(store: Workspace, work: Callable[[], Outcome], *, by_stick: bool = False) -> Outcome:
    """Do the exchange and keep what came of it. Raises what ``work`` raises."""
    began = store.clock.now()
    try:
        outcome = work()
    except ShouwangError as error:
        if not by_stick:  # a file that was not read is no exchange
            remember(store, {"at": began.isoformat(), "error": error.message})
        raise
    remember(store, as_line(began, outcome) | ({"stick": True} if by_stick else {}))
    return outcome


def as_line(began: datetime, outcome: Outcome) -> Line:
    """An exchange as it is kept."""
    from sync.client.moved import in_words

    names = (*COUNTS, "bytes_up", "bytes_down", "delivered", "photos_waiting")
    line = {name: getattr(outcome, name) for name in names} | {"news": list(in_words(outcome.moved))}
    return {"at": began.isoformat(), "seconds": round(outcome.seconds, 1), **line}


def remember(store: Workspace, line: Line) -> None:
    """Put it on top; what says the same as the one before takes its place."""
    before = store.setting(HISTORY, [])
    if before and _is_same_story(before[0], line):
        before = before[1:]
    store.set_setting(HISTORY, _kept([line, *before]))


def _is_same_story(before: Line, line: Line) -> bool:
    """A line that is away for a week, or a day on which nothing happened, is one entry."""
    if "error" in line or "error" in before:
        return before.get("error") == line.get("error")
    return _is_idle(line) and {**before, **{name: line.get(name) for name in COST}} == line


def _is_idle(line: Line) -> bool:
    """Whether nobody will ever look for it."""
    return "error" in line or not (any(line.get(name) for name in COUNTS) or line.get("news"))


def _kept(lines: Sequence[Line]) -> list[Line]:
    """As many as are kept: before anything that happened is forgotten, what says that nothing did."""
    kept = list(lines)
    while len(kept) > KEPT:
        idle = [place for place, line in enumerate(kept) if place and _is_idle(line)]
        kept.pop(idle[-1] if idle else -1)
    return kept
