"""What is read ahead while the desk writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sync.client.arriving import arriving
from sync.messages import Page, Row, Terms
from sync.protocol import LineBroke
from tests.support.patience import PATIENCE

TERMS = Terms("s1", "real", "530602000000", "昭阳区", "e1", 12, 3, 1_700_000_000_000)


def page(number: int, *, more: bool = True) -> Page:
    row = Row("person", f"{number:032x}", "", "530602001001", {}, {})
    return Page(TERMS, rows=(row,), cursors={"530602001001": number}, more=more)


def test_what_came_while_a_page_was_written_is_written_together() -> None:
    is_all_here = threading.Event()

    def coming() -> Iterator[Page]:
        yield from (page(1), page(2), page(3), page(4, more=False))
        is_all_here.set()

    found = arriving(coming())
    assert next(found) == page(1)
    assert is_all_here.wait(PATIENCE)
    (rest,) = found
    assert [row.record for row in rest.rows] == [page(number).rows[0].record for number in (2, 3, 4)]
    assert (rest.cursors, rest.more) == ({"530602001001": 4}, False)


def test_on_a_slow_line_each_page_can_be_written_as_it_comes() -> None:
    line: list[threading.Event] = [threading.Event() for _ in range(3)]

    def coming() -> Iterator[Page]:
        for number, came in enumerate(line):
            came.wait()
            yield page(number, more=number < 2)

    found = arriving(coming())
    for number, came in enumerate(line):
        came.set()
        assert next(found).cursors == {"530602001001": number}
    assert list(found) == []


def test_a_line_that_breaks_gives_what_came_before_it_broke() -> None:
    def coming() -> Iterator[Page]:
        yield page(1)
        yield page(2)
        raise LineBroke("线路断了。")

    came: list[str] = []

    def listen() -> None:
        for each in arriving(coming()):
            came.extend(row.record for row in each.rows)

    with pytest.raises(LineBroke):
        listen()
    assert came == [page(number).rows[0].record for number in (1, 2)]


def test_nothing_more_is_read_for_one_who_stopped_listening() -> None:
    read: list[int] = []
    may_go_on, is_closed = threading.Event(), threading.Event()

    def coming() -> Iterator[Page]:
        try:
            for number in range(100):
                read.append(number)
                yield page(number)
                may_go_on.wait()
        finally:
            is_closed.set()

    found = arriving(coming())
    assert next(found) == page(0)
    del found
    may_go_on.set()
    assert is_closed.wait(PATIENCE)
    assert len(read) <= 2


def test_a_small_answer_needs_no_thread() -> None:
    before = threading.active_count()
    found = arriving(iter([page(1, more=False)]))
    assert next(found) == page(1, more=False)
    assert threading.active_count() == before
    assert list(found) == list(arriving(iter([]))) == []
