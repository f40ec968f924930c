"""Whether both sides held the same when they last compared: written down with the page that ended the exchange."""

from __future__ import annotations

from dataclasses import replace

from app.store.changes import Workspace, Writing, writing
from sync.client.credentials import SETTING, as_setting, ties_of
from sync.client.news import note_difference
from sync.messages import Page, total

COMPARED = "exchange_compared"
"""The setting with what the last comparison said and the county's number at which it was made; a workspace that has
not exchanged since its program learned to keep it has none."""
DIFFERS = "exchange_differs"
"""The setting that says that the two sides differ although everything was asked for anew."""
ASKED_ANEW = "exchange_asked_anew"
"""The setting that says that everything was asked for anew because the two sides differed, and has not all come."""


def is_same(store: Workspace) -> bool:
    """Whether both sides held the same at the end of the last exchange, and nothing has come since."""
    return bool(store.setting(COMPARED, {}).get("same"))


def differs(store: Workspace) -> bool:
    """Whether this desk and the county hold different records, and nothing that was tried has mended it."""
    return bool(store.setting(DIFFERS, False))


def note_page(work: Writing, page: Page) -> None:
    """In the transaction that writes a page: at the end of an answer compare; before it, what came may not be all."""
    # An answer by stick may be older than what the line told: how far that went is not forgotten for it.
    at = max(page.terms.seq, work.setting(COMPARED, {}).get("at", 0))
    if page.digest:
        _note(work, at, same=total(work.sums()) == page.digest)
    elif page.brings_news or page.more or page.terms.upgrade:
        _note(work, at, same=False)


def note_beginning(work: Writing) -> None:
    """The county began another life: its numbers start anew, and nothing of it has been compared."""
    _note(work, 0, same=False)
    work.set_setting(ASKED_ANEW, False)


def heard(store: Workspace) -> int:
    """The highest of the county's numbers that was told with news or at the end of an answer; 0 in a new life of its
    data."""
    return int(store.setting(COMPARED, {}).get("at", 0))


def compared_again(store: Workspace, page: Page) -> bool:
    """After an answer that brings nothing new: whether both sides hold the same. One that is older than what was last
    heard says nothing of that."""
    with writing(store) as work:
        is_old = page.terms.seq < work.setting(COMPARED, {}).get("at", 0)
        if page.digest and not is_old and total(work.sums()) == page.digest:
            _note(work, page.terms.seq, same=True)
            _note_differing(work, differs=False)
    return is_same(store)


def noted(store: Workspace, *, differs: bool) -> bool:
    """Keep for the window whether the two sides still differ whatever was tried; gives whether they agree."""
    with writing(store) as work:
        _note_differing(work, differs=differs)
    return not differs


def ask_anew(store: Workspace) -> None:
    """The two sides differ: the next request asks for everything."""
    with writing(store) as work:
        work.set_setting(SETTING, as_setting(replace(ties_of(work.setting(SETTING)), cursors={})))
        work.forget_county_rows()
        work.set_setting(ASKED_ANEW, True)


def was_asked_anew(store: Workspace) -> bool:
    """Whether what has come is all there is: everything was asked for anew."""
    return bool(store.setting(ASKED_ANEW, False))


def _note(work: Writing, at: int, *, same: bool) -> None:
    work.set_setting(COMPARED, {"at": at, "same": same})


def _note_differing(work: Writing, *, differs: bool) -> None:
    if work.setting(ASKED_ANEW, False):
        work.set_setting(ASKED_ANEW, False)
    if differs != work.setting(DIFFERS, False):
        work.set_setting(DIFFERS, differs)
        if differs:
            note_difference(work, ties_of(work.setting(SETTING)).county_time)
