"""Read ahead while the desk writes: what came meanwhile is written next, all of it together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import SimpleQueue

from sync.messages import Page

Arrived = SimpleQueue[object]
"""Pages, and words in between; at last ``END``, or what went wrong."""
END = object()


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
    read_ahead(lambda: pages, arrived, is_over)
    try:
        yield first
        yield from in_heaps(arrived, arrived.get)
    finally:
        is_over.set()


def read_ahead(pages: Callable[[], Iterator[Page]], arrived: Arrived, is_over: threading.Event) -> None:
    """Read in a thread of its own, to the end, or to the next page once it is over."""

    def read() -> None:
        try:
            for page in pages():
                arrived.put(page)
                if is_over.is_set():
                    return
            arrived.put(END)
        except Exception as error:  # whoever listens is to hear of it
            arrived.put(error)

    threading.Thread(target=read, name="line", daemon=True).start()


def in_heaps(
    arrived: Arrived, waited: Callable[[], object], asked: Callable[[], None] = lambda: None
) -> Iterator[Page]:
    """Pages that came by the time somebody looks, as one; ``asked`` is called for each word in between.

    ``waited`` gives the next thing. Raises what went wrong, and what ``waited`` raises.
    """
    while True:
        found = [waited()]
        while isinstance(found[-1], Page) and not arrived.empty():
            found.append(arrived.get())
        if pages := [each for each in found if isinstance(each, Page)]:
            yield joined(pages)
        last = found[-1]
        if isinstance(last, Exception):
            raise last
        if last is END:
            return
        if not isinstance(last, Page):
            asked()


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
