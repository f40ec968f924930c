"""Read ahead while the desk writes: what came meanwhile is written next, all of it together."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue

from sync.messages import Page

Arrived = SimpleQueue[Page | Exception | None]


def arriving(pages: Iterator[Page]) -> Iterator[Page]:
    """On a slow line each page as it comes, so that a cut costs little; on a fast one those that came while the last
    were written as one, for a transaction costs more than a page.

    Where more than one page is on its way they are read by a thread, which ends with the next page once nobody listens.
    """
    first = next(pages, None)
    if first is None or not first.more:
        yield from () if first is None else (first, *pages)
        return
    arrived: Arrived = SimpleQueue()
    is_over = threading.Event()
    threading.Thread(target=_read, args=(pages, arrived, is_over), name="arriving", daemon=True).start()
    try:
        yield first
        yield from _in_heaps(arrived)
    finally:
        is_over.set()


def _read(pages: Iterator[Page], arrived: Arrived, is_over: threading.Event) -> None:
    try:
        for page in pages:
            arrived.put(page)
            if is_over.is_set():
                return
        arrived.put(None)
    except Exception as error:  # whoever listens is to hear of it
        arrived.put(error)


def _in_heaps(arrived: Arrived) -> Iterator[Page]:
    while True:
        found = [arrived.get()]
        while isinstance(found[-1], Page) and not arrived.empty():
            found.append(arrived.get())
        if pages := [each for each in found if isinstance(each, Page)]:
            yield joined(pages)
        if isinstance(found[-1], Exception):
            raise found[-1]
        if found[-1] is None:
            return


def joined(pages: Sequence[Page]) -> Page:
    """Pages of one answer, one after the other, as one."""
    if len(pages) == 1:
        return pages[0]
    return replace(
        pages[-1],
        results=tuple(each for page in pages for each in page.results),
        rows=tuple(each for page in pages for each in page.rows),
        gone=tuple(each for page in pages for each in page.gone),
        signatures=tuple(each for page in pages for each in page.signatures),
        patches=tuple(each for page in pages for each in page.patches),
    )
