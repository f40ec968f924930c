"""收发 without a line: 存到 U 盘, and what comes back on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.policy.access import Actor
from app.records import Person
from app.settings import Preferences
from sync.server.county import CountyServer, county_init
from sync.server.parcels import answer
from tests.sync.desks import COUNTY, VILLAGE, Desk, new_desk
from ui import look
from ui.context import Context
from ui.exchanging import HISTORY
from ui.pages import PLACES
from ui.pages.exchange import ExchangePage
from ui.windows.main import Desk as Window

Settled = Callable[[], None]


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyServer]:
    made = county_init(tmp_path / "county", COUNTY, "昭阳区")
    yield made
    made.ledger.close()


@pytest.fixture
def own(tmp_path: Path, county: CountyServer) -> Desk:
    made = new_desk(tmp_path / "desk", VILLAGE, "child_director", holder="陆大桥")
    made.join(county)
    made.person("王小满")
    return made


@pytest.fixture
def desk(tmp_path: Path, own: Desk, qtbot: QtBot) -> Iterator[Context]:
    store = own.store
    actor = Actor(store.holder.id, store.holder.name, store.post.role, store.post.org)
    made = Context(store=store, actor=actor, clock=store.clock, preferences=Preferences(), folder=tmp_path / "desk")
    yield made
    made.close()


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ExchangePage:
    page = ExchangePage(desk)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.refresh()
    settled()
    return page


@pytest.fixture
def said(desk: Context) -> list[str]:
    told: list[str] = []
    desk.changes.said.connect(lambda notice: told.append(notice.text + notice.advice))
    return told


def choosing(monkeypatch: pytest.MonkeyPatch, file: Path | str) -> None:
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, lambda *_: (str(file), ""))


def test_a_stick_goes_to_the_county_and_its_answer_comes_back(
    page: ExchangePage, county: CountyServer, own: Desk, settled: Settled, tmp_path: Path, said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert page.stick.isVisible()
    choosing(monkeypatch, tmp_path / "there")
    page.stick.to_stick.click()
    settled()
    there = tmp_path / "there.swp"
    assert said == ["存好了：1 条。请带到县里，拿回执回来读入。"]
    assert page.state.text() == "1 条待送"
    back = tmp_path / "back.swp"
    back.write_bytes(answer(county, there.read_bytes()))
    colleague = new_desk(tmp_path / "colleague", VILLAGE, "child_director", holder="王芳")
    colleague.join(county)
    colleague.exchange(county)
    assert [each.name for each in colleague.store.every(Person)] == ["王小满"]
    colleague.store.close()
    choosing(monkeypatch, back)
    page.stick.from_stick.click()
    settled()
    assert page.state.text() == "已全部送到"
    assert "送出 1 条" in said[-1]
    assert [line["sent"] for line in own.store.setting(HISTORY)] == [1]


def test_a_file_that_was_changed_or_is_none_is_said_plainly(
    page: ExchangePage, settled: Settled, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = tmp_path / "letter.swp"
    letter.write_text("你好")
    for file, words in ((letter, "不是守望的"), (tmp_path / "none.swp", "U 盘插好")):
        choosing(monkeypatch, file)
        page.stick.from_stick.click()
        settled()
        assert words in said[-1]
    choosing(monkeypatch, letter / "below.swp")
    page.stick.to_stick.click()
    settled()
    assert "写不进去" in said[-1]
    assert page.state.text() == "1 条待送"


def test_who_changes_their_mind_in_the_dialog_has_changed_nothing(
    page: ExchangePage, settled: Settled, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    choosing(monkeypatch, "")
    page.stick.to_stick.click()
    page.stick.from_stick.click()
    settled()
    assert said == []


@pytest.mark.parametrize("size, type_size", [((911, 512), 12), ((1366, 768), 20)])
def test_the_buttons_fit_an_old_laptop(
    desk: Context, qtbot: QtBot, qapp: QApplication, settled: Settled, size: tuple[int, int], type_size: int
) -> None:
    look.apply(qapp, Preferences(type_size=type_size))
    try:
        window = Window(desk, PLACES)
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        window.open("exchange")
        for _ in range(3):
            settled()
            qtbot.wait(30)
        page = window.page
        assert isinstance(page, ExchangePage)
        assert (window.width(), window.height()) == size
        for button in (page.stick.to_stick, page.stick.from_stick, *page.tabs.values()):
            assert button.isVisible()
            assert button.width() >= button.minimumSizeHint().width()
            assert window.rect().contains(QRect(button.mapTo(window, QPoint()), button.size()))
    finally:
        look.apply(qapp, Preferences())
