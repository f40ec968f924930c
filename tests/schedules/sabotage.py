"""The design with one piece taken out, in the real program: the judge must notice every one of them (sync.md)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from app.store.changes import Workspace, Writing, writing
from app.store.rows import stamp_of
from app.store.saving import Difference, Saving
from sync.client import engine
from sync.client.credentials import SETTING, as_setting, ties_of
from sync.client.receiving import Received
from sync.merge import Merged, State, lay_over
from sync.messages import Page
from sync.server import copies, taking
from sync.server.giving import Giving
from sync.server.ledger import Ledger
from tests.schedules.line import Crash, Line

ONE_LIFE = "0000000a"


def no_epoch() -> AbstractContextManager[Any]:
    """A restored county goes on as if nothing had happened."""
    return _all(
        patch.object(Ledger, "begin_life", lambda *_: ONE_LIFE),
        patch.object(copies, "_begin_life", lambda *_: None),
    )


def stamps_without_epoch() -> AbstractContextManager[Any]:
    """A new life gives numbers that look like those of the old one."""
    honest = taking.Taking.take

    def take(self: Any, units: Any) -> Any:
        with patch.object(Ledger, "terms", _in_one_life(Ledger.terms)):
            return honest(self, units)

    # Numbers that follow the clock never come twice, epoch or not; without that, only the epoch tells them apart.
    return _all(patch.object(taking.Taking, "take", take), patch("sync.server.ledger.now_ms", lambda: 0))


def _in_one_life(honest: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, connection: replace(honest(self, connection), epoch=ONE_LIFE)


def emptied_at_ack() -> AbstractContextManager[Any]:
    """What was acknowledged once is never offered again."""
    return _all(
        patch.object(Writing, "offer_again", lambda *_: None),
        patch("sync.client.witness.foreign_stamps", lambda *_: []),
    )


def last_arrival_wins() -> AbstractContextManager[Any]:
    """The county writes down whatever comes last."""

    def merge(state: State | None, after: Any, bases: Any, stamp: str, *_: Any, **__: Any) -> Merged:
        return Merged(lay_over(state, after, stamp))

    return patch.object(taking, "merge", merge)


def bases_at_save() -> AbstractContextManager[Any]:
    """A form is taken to have been based on the row as it is when it is saved."""
    honest = Saving._lay

    def lay(self: Any, place: int, edited: Any, step: Difference) -> Any:
        known = self._known.get((edited.spec.name, edited.id))
        bases = {part: stamp_of(known[0], part) for part in step.after} if known else step.bases
        return honest(self, place, edited, replace(step, bases=bases))

    return patch.object(Saving, "_lay", lay)


def cursor_before_rows() -> AbstractContextManager[Any]:
    """How far the desk is, is kept before the rows are; while the weather is bad it goes off between the two."""
    honest, count = engine._take, iter(range(1_000_000))

    def take(store: Workspace, page: Page, *more: Any) -> Any:
        with writing(store) as work:
            now = ties_of(work.setting(SETTING))
            work.set_setting(SETTING, as_setting(replace(now, cursors={**now.cursors, **page.cursors})))
        if Line.is_stormy and next(count) % 4 == 3:
            raise Crash
        return honest(store, page, *more)

    # The comparison at the end would find it and mend it: what is asked here is whether it is needed.
    return _all(patch.object(engine, "_take", take), _no_comparison())


def scope_by_cursor_alone() -> AbstractContextManager[Any]:
    """Nobody is told what left, only what changed."""
    return _all(patch.object(Giving, "_gone", lambda *_: ()), _no_comparison())


def _no_comparison() -> AbstractContextManager[Any]:
    return patch.object(engine, "_agree", lambda *_: (Received(), True))


def _all(*pieces: AbstractContextManager[Any]) -> AbstractContextManager[Any]:
    several = ExitStack()
    for piece in pieces:
        several.enter_context(piece)
    return several


SABOTAGES: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    made.__name__: made
    for made in (
        no_epoch, stamps_without_epoch, emptied_at_ack, last_arrival_wins, bases_at_save, cursor_before_rows,
        scope_by_cursor_alone,
    )
}  # fmt: skip
