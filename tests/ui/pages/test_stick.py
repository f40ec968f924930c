"""收发 without a line: 存到 U 盘, and what comes back on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.errors import CountyUnreachable, UserError
from app.policy.access import Actor
from app.records import Person
from app.settings import Preferences
from app.store.workspace import Workspace
from sync.client import carrying
from sync.client.credentials import ties
from sync.client.engine import join, send_only
from sync.client.http import HttpCounty
from sync.client.parcel import pack
from sync.parcel import ASKING
from sync.server import accounts
from sync.server import county as county_module
from sync.server.county import CountyServer
from sync.server.parcels import answer
from sync.server.serving import Listening
from tests.sync.desks import NEXT_VILLAGE, TOWN, VILLAGE, Desk, new_desk
from tests.ui import showing
from ui import exchanging, look
from ui.carrying import FATES, carry_all, read_answers
from ui.context import Context
from ui.exchange_list import HISTORY
from ui.pages import PLACES
from ui.pages.exchange import ExchangePage
from ui.windows.main import Desk as Window

Settled = Callable[[], None]


@pytest.fixture
def own(tmp_path: Path, county: CountyServer) -> Iterator[Desk]:
    made = new_desk(tmp_path / "desk", VILLAGE, "child_director", holder="陆大桥")
    made.join(county)
    made.person("王小满")
    yield made
    made.store.close()


@pytest.fixture
def desk(tmp_path: Path, own: Desk, qtbot: QtBot) -> Iterator[Context]:
    store = own.store
    actor = Actor(store.holder.id, store.holder.name, store.post.role, store.post.org)
    made = Context(store=store, actor=actor, clock=store.clock, preferences=Preferences(), folder=tmp_path / "desk")
    yield made
    made.close()


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ExchangePage:
    return showing.shown(ExchangePage(desk), qtbot, settled)


@pytest.fixture
def said(desk: Context) -> list[str]:
    told: list[str] = []
    desk.changes.said.connect(lambda notice: told.append(notice.text + notice.advice))
    return told


def choosing(monkeypatch: pytest.MonkeyPatch, file: Path | str) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(file))


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


def test_an_answer_of_before_what_the_line_took_says_what_is_still_to_come_and_what_is_not(
    page: ExchangePage, county: CountyServer, own: Desk, settled: Settled, tmp_path: Path, said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    early = tmp_path / "early.swp"
    early.write_bytes(answer(county, pack(own.store).content))
    own.person("王小红")
    choosing(monkeypatch, early)
    page.stick.from_stick.click()
    settled()
    assert "还有 1 条没有送到" in said[-1]
    late = tmp_path / "late.swp"
    late.write_bytes(answer(county, pack(own.store).content))
    own.person("王小绿")
    assert send_only(county, own.store) == 0
    choosing(monkeypatch, late)
    page.stick.from_stick.click()
    settled()
    assert page.state.text() == "都送出了，还没有收完"
    assert "送出的县里都收下了；县里的还没有收完" in said[-1]


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


@pytest.mark.parametrize("is_at_station", [False, True])
@pytest.mark.parametrize("size, type_size", [((911, 512), 12), ((1366, 768), 20)])
def test_the_buttons_fit_an_old_laptop(
    request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication, settled: Settled, size: tuple[int, int],
    type_size: int, is_at_station: bool,
) -> None:  # fmt: skip
    desk: Context = request.getfixturevalue("station" if is_at_station else "desk")
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
        seen = [page.stick.to_stick, page.stick.from_stick, page.now, *page.tabs.values()]
        for button in [*seen, page.stick.to_county] if is_at_station else seen:
            if button is page.tabs["carried"] and not is_at_station:
                continue
            assert button.isVisible()
            assert button.width() >= button.minimumSizeHint().width()
            assert window.rect().contains(QRect(button.mapTo(window, QPoint()), button.size()))
    finally:
        look.apply(qapp, Preferences())


# Carried by a station for several villages


@pytest.fixture
def station(tmp_path: Path, county: CountyServer, line: Listening, qtbot: QtBot) -> Iterator[Context]:
    """The township's desk, which has a line."""
    made = new_desk(tmp_path / "station", TOWN, "social_worker", holder="赵社工")
    through = HttpCounty.to(made.store, line.url)
    code = accounts.make_code(county.ledger, TOWN, "social_worker", "测试")
    join(through, made.store, line.url, code)
    through.close()
    store = made.store
    actor = Actor(store.holder.id, store.holder.name, store.post.role, store.post.org)
    context = Context(store=store, actor=actor, clock=store.clock, preferences=Preferences(), folder=tmp_path)
    yield context
    context.close()


@pytest.fixture
def stick(tmp_path: Path, county: CountyServer) -> Iterator[tuple[Path, list[Desk]]]:
    """A stick with the files of two villages, and those villages."""
    folder = tmp_path / "usb"
    villages = []
    for number, org in enumerate((VILLAGE, NEXT_VILLAGE)):
        made = new_desk(tmp_path / f"village{number}", org, "child_director", holder=f"村{number}")
        made.join(county)
        made.person(f"王小{number}")
        exchanging.save_to_stick(made.store, folder / f"村{number}.swp")
        villages.append(made)
    yield folder, villages
    for each in villages:
        each.store.close()


def at_station(station: Context, qtbot: QtBot, wait: Settled) -> ExchangePage:
    return showing.shown(ExchangePage(station), qtbot, wait)


@pytest.fixture
def calm(station: Context, qtbot: QtBot) -> Settled:
    """Wait until the station's workers have nothing to do."""

    def wait() -> None:
        workers = (station.workers.reader, station.workers.writer, station.workers.aside)
        for _ in range(2):
            qtbot.waitUntil(lambda: not any(each.busy for each in workers))
            qtbot.wait(1)

    return wait


def fates(page: ExchangePage) -> dict[str, str]:
    return {each.file: each.fate for each in page.carried.table.lines}


def test_a_station_takes_all_villages_files_and_each_village_finds_its_own_answer(
    station: Context, stick: tuple[Path, list[Desk]], county: CountyServer, qtbot: QtBot, calm: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder, villages = stick
    page = at_station(station, qtbot, calm)
    choosing(monkeypatch, folder)
    page.stick.to_county.click()
    calm()
    assert fates(page) == {"村0": "taken", "村1": "taken"}
    assert page.lists.currentWidget() is page.carried
    assert sorted(file.name for file in folder.iterdir()) == ["村0.swp", "村0_回执.swp", "村1.swp", "村1_回执.swp"]
    assert station.store.count(Person) == 0  # only carried, not read
    for each in villages:
        outcome = exchanging.read_from_stick(each.store, folder)
        assert (outcome.sent, outcome.delivered) == (1, True)
    page.stick.to_county.click()
    calm()
    assert fates(page) == {"村0": "before", "村1": "before"}


def test_each_file_that_cannot_go_says_why_and_stops_none_of_the_others(
    station: Context, stick: tuple[Path, list[Desk]], county: CountyServer, qtbot: QtBot, calm: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder, villages = stick
    content = bytearray((folder / "村0.swp").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "坏的.swp").write_bytes(content)
    (folder / "信.swp").write_text("你好")
    content[len(ASKING)] ^= 1
    (folder / "邻县.swp").write_bytes(content)
    accounts.revoke(county.ledger, ties(villages[1].store).device)
    page = at_station(station, qtbot, calm)
    choosing(monkeypatch, folder)
    page.stick.to_county.click()
    calm()
    assert fates(page) == {"坏的": "unopened", "村0": "taken", "村1": "stranger", "邻县": "elsewhere"}
    assert all(each.words in FATES.values() for each in page.carried.table.lines)


def test_a_line_that_breaks_leaves_the_rest_for_the_next_time(
    station: Context, stick: tuple[Path, list[Desk]], line: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = stick
    reached: list[bytes] = []
    whole = carrying.carry

    def once(line: HttpCounty, store: Workspace, content: bytes) -> bytes:
        reached.append(content)
        if len(reached) == 1:
            return whole(line, store, content)
        raise CountyUnreachable("资料都在这台电脑上，没有丢。线路断了。")

    monkeypatch.setattr(carrying, "carry", once)
    assert [each.fate for each in carry_all(station.store, folder, SILENT)] == ["taken", "not_now"]
    monkeypatch.setattr(carrying, "carry", whole)
    assert [each.fate for each in carry_all(station.store, folder, SILENT)] == ["before", "taken"]


def test_a_stick_without_such_files_is_said_plainly(
    station: Context, own: Desk, tmp_path: Path, stick: tuple[Path, list[Desk]]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match="没有村里存的文件"):
        carry_all(station.store, empty, SILENT)
    with pytest.raises(UserError, match="这里没有回执"):
        read_answers(own.store, empty)
    folder, _ = stick
    carry_all(station.store, folder, SILENT)
    with pytest.raises(UserError, match="有 2 个回执，都不是给这台电脑的"):
        read_answers(own.store, folder)
    assert own.store.setting(HISTORY) is None


def test_an_own_answer_that_was_changed_on_the_way_is_said_and_another_s_is_not(
    station: Context, stick: tuple[Path, list[Desk]]
) -> None:
    folder, [first, second] = stick
    carry_all(station.store, folder, SILENT)
    own = folder / "村0_回执.swp"
    content = bytearray(own.read_bytes())
    content[-1] ^= 1
    own.write_bytes(content)
    with pytest.raises(UserError, match="路上变了"):
        read_answers(first.store, folder)
    assert read_answers(second.store, folder).delivered
    assert first.store.pending() == 1


def test_a_program_that_is_too_old_is_told_so_and_all_its_answers_are_read(
    page: ExchangePage, county: CountyServer, own: Desk, settled: Settled, tmp_path: Path, said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with monkeypatch.context() as upgraded:
        upgraded.setattr(county_module, "OLDEST_THAT_GETS", 99)
        for name in ("1", "2"):
            own.person("王小" + name)
            (tmp_path / f"{name}_回执.swp").write_bytes(answer(county, pack(own.store).content))
    page.context.changes.changed.connect(lambda _: page.refresh())  # as the window does
    choosing(monkeypatch, tmp_path)
    page.stick.from_stick.click()
    settled()
    settled()
    assert said[-1].startswith("送出的县里都收下了")
    assert "升级" in said[-1]
    assert own.store.pending() == 0
    assert "待送" not in page.state.text()
    (tmp_path / "3_回执.swp").write_bytes(answer(county, pack(own.store).content))
    assert read_answers(own.store, tmp_path).delivered


def test_a_village_is_not_asked_to_carry(page: ExchangePage) -> None:
    assert not page.stick.to_county.isVisible()
    assert not page.tabs["carried"].isVisible()


class _Silent:
    stopped = False

    def tell(self, done: int, of: int, words: str = "") -> None:
        """Nobody listens."""


SILENT = _Silent()
