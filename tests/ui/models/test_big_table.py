"""A list of any length scrolls without waiting for anybody."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from ui.models import BigTable, Column, Lines
from ui.models.big_table import PAGE, PAGES_KEPT

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


@pytest.mark.long
def test_no_frame_of_scrolling_100_000_lines_takes_over_16_ms(qtbot: QtBot) -> None:
    table = BigTable(COLUMNS, lambda lines, first, count, take: take(lines.page(first, count)))
    table.show(Numbers(100_000))
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(table)
    view.verticalHeader().setDefaultSectionSize(34)
    view.resize(1200, 700)
    view.show()
    qtbot.waitExposed(view)
    frames = []
    for step in range(300):
        began = time.perf_counter()
        view.verticalScrollBar().setValue(step * 333)
        view.viewport().repaint()
        frames.append(time.perf_counter() - began)
    assert sorted(frames)[-3] < 0.016
    assert table.headerData(0, Qt.Orientation.Horizontal) == "栏 0"
