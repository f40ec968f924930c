"""A list of any length scrolls without waiting for anybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from app.store.listing import ListLine
from ui.models import BigTable, Column, LineDelegate, Lines, child_columns
from ui.models.big_table import PAGE, PAGES_KEPT
from ui.models.list_view import as_list

COLUMNS = tuple(Column(str(n), f"栏 {n}", lambda line, n=n: f"{line}·{n}") for n in range(9))  # type: ignore[misc]


class Numbers:
    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def page(self, first: int, count: int) -> Sequence[int]:
        return range(first, min(first + count, self.count))


class Later:
    """A fetch whose answers come when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Callable[[], None]]] = []

    def __call__(self, lines: Lines, first: int, count: int, take: Callable[[Sequence[Any]], None]) -> None:
        self.waiting.append((first, lambda: take(lines.page(first, count))))

    def arrive(self) -> None:
        waiting, self.waiting = self.waiting, []
        for _, come in waiting:
            come()


def test_a_line_shows_as_dots_until_its_page_has_come(qtbot: QtBot) -> None:
    later = Later()
    table = BigTable(COLUMNS, later)
    table.show(Numbers(100_000))
    assert table.rowCount() == 100_000
    assert table.index(54_321, 2).data() == "…"
    with qtbot.waitSignal(table.dataChanged):
        later.arrive()
    assert table.index(54_321, 2).data() == "54321·2"


def test_a_page_is_asked_for_once(qtbot: QtBot) -> None:
    later = Later()
    table = BigTable(COLUMNS, later)
    table.show(Numbers(1_000))
    for row in range(PAGE):
        table.index(row, 0).data()
    assert [first for first, _ in later.waiting] == [0]


def test_an_answer_to_an_older_query_is_ignored(qtbot: QtBot) -> None:
    later = Later()
    table = BigTable(COLUMNS, later)
    table.show(Numbers(1_000))
    table.index(0, 0).data()
    table.show(Numbers(5))
    later.arrive()
    assert table.index(0, 0).data() == "…"


def test_what_was_looked_at_long_ago_is_let_go(qtbot: QtBot) -> None:
    later = Later()
    table = BigTable(COLUMNS, later)
    table.show(Numbers(100_000))
    for page in range(PAGES_KEPT + 5):
        table.line(page * PAGE)
        later.arrive()
    assert table.line(0) is None
    assert table.line((PAGES_KEPT + 4) * PAGE) == (PAGES_KEPT + 4) * PAGE


class Register:
    """So many invented children, made when they are looked at."""

    def __len__(self) -> int:
        return 100_000

    def page(self, first: int, count: int) -> Sequence[ListLine]:
        return [_child(number) for number in range(first, min(first + count, len(self)))]


def _child(number: int) -> ListLine:
    return ListLine(
        id=str(number),
        name=f"王小{number}",
        village_group=f"{number % 20} 组",
        org="530602101203",
        sex="12"[number % 2],
        birth_date="2015-05-21",
        id_to_verify=False,
        phones='["13900000003"]',
        address="王家寨三组 17 号",
        risk_level=("high", "medium", "low", "")[number % 4],
        categories='["left_behind_rural"]',
        last_visited_on="2026-02-10",
        due_on="2026-02-24",
        due_mode="home",
        due_reason="高风险，每半个月走访一次",
        active=True,
    )


@pytest.mark.long
def test_no_frame_of_scrolling_100_000_children_takes_over_16_ms(qtbot: QtBot) -> None:
    columns = child_columns(date(2026, 3, 5))
    table = BigTable(columns, lambda lines, first, count, take: take(lines.page(first, count)))
    table.show(Register())
    view = as_list(QTableView(), "名单")
    qtbot.addWidget(view)
    view.setModel(table)
    view.setItemDelegate(LineDelegate(table, view, date(2026, 3, 5)))
    view.verticalHeader().setDefaultSectionSize(34)
    view.resize(1200, 700)
    with qtbot.waitExposed(view):
        view.show()
    view.viewport().repaint()
    frames = []
    for step in range(300):
        began = time.thread_time()  # work, whatever else the machine does
        view.verticalScrollBar().setValue(step * 333)
        view.viewport().repaint()
        frames.append(time.thread_time() - began)
    print(f"median {sorted(frames)[150] * 1000:.1f} ms, slowest {max(frames) * 1000:.1f} ms")
    assert max(frames) < 0.016
