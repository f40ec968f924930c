"""收发: joining, the state in words, two values side by side, and what a missing line costs (nothing)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from app.errors import CountyUnreachable
from app.policy.access import Actor
from app.records import Attachment, Conflict, Person, Rejection
from app.settings import Preferences
from app.store import Workspace
from app.store.changes import writing
from sync.client import agreement
from sync.client.credentials import ties
from sync.client.http import HttpCounty
from sync.client.moved import Moved, People
from sync.client.news import DIFFERS_WORDS, note_moved
from sync.messages import Page as Answered
from sync.messages import Request
from sync.protocol import LineBroke
from sync.server import accounts, giving, serving
from sync.server.county import CountyServer
from sync.server.serving import Listening
from tests.support.patience import PATIENCE
from tests.sync.authorities import Authority
from tests.sync.desks import Desk as Colleague
from tests.sync.desks import new_desk
from tests.ui import showing
from ui.context import Context
from ui.exchange_list import HISTORY
from ui.exchanging import outcome_words
from ui.pages.exchange import ExchangePage
from ui.pages.page import JoinWanted
from ui.windows.main import exchange_light

Settled = Callable[[], None]
COUNTY, TOWN, VILLAGE = "530602000000", "530602001000", "530602001001"


@pytest.fixture
def supervisor(tmp_path: Path, county: CountyServer) -> Iterator[Colleague]:
    """Somebody at the township who sees the village."""
    colleague = new_desk(tmp_path / "supervisor", TOWN, "child_supervisor", holder="李督导")
    colleague.join(county)
    yield colleague
    colleague.store.close()


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Context]:
    """The desk of a village with one child on it; a county takes no invented ids."""
    own = new_desk(tmp_path / "desk", VILLAGE, "child_director", holder="陆大桥")
    own.person("王小满", village_group="三组")
    store = own.store
    actor = Actor(store.holder.id, store.holder.name, store.post.role, store.post.org)
    made = Context(store=store, actor=actor, clock=store.clock, preferences=Preferences(), folder=tmp_path / "desk")
    failed: list[object] = []
    made.workers.failed.connect(failed.append)
    yield made
    made.close()
    assert not failed


def child(store: Workspace) -> Person:
    """The one child."""
    return store.find(Person, name="王小满")[0]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> ExchangePage:
    page = showing.shown(ExchangePage(desk), qtbot, settled)
    desk.changes.changed.connect(lambda changes: page.refresh())
    return page


def joined(page: ExchangePage, county: CountyServer, line: Listening, settled: Settled) -> None:
    post = page.context.store.post
    page.show_what(JoinWanted(line.url, accounts.make_code(county.ledger, post.org, post.role, "测试")))
    settled()
    settled()


def moved(store: Workspace, address: str) -> None:
    person = child(store)
    store.save(store.holder, (person, replace(person, current_address=address)))


def in_two_minds(
    page: ExchangePage, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled
) -> None:
    """Both write another address for the same child without seeing each other's."""
    joined(page, county, line, settled)
    supervisor.exchange(county)
    moved(supervisor.store, "镇上中学旁")
    supervisor.exchange(county)
    moved(page.context.store, "王家寨三组 18 号")
    page.exchange()
    settled()
    settled()


def test_who_works_alone_is_told_so_and_asked_for_two_things(page: ExchangePage) -> None:
    assert page.state.text() == "单机使用，还没有加入县里"
    assert page.joining.isVisible()
    assert not page.now.isVisible()


def test_joining_sends_everything_recorded_so_far(
    page: ExchangePage, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled
) -> None:
    joined(page, county, line, settled)
    assert page.state.text() == "已全部送到"
    assert not page.joining.isVisible()
    supervisor.exchange(county)
    assert supervisor.store.count(Person) == page.context.store.count(Person)
    [latest] = page.context.store.setting(HISTORY)
    assert latest["delivered"]
    assert outcome_words(latest).startswith("送出")


def test_a_wrong_code_is_said_beside_the_field(page: ExchangePage, line: Listening, settled: Settled) -> None:
    page.join(JoinWanted(line.url, "AAAA-BBBB"))
    settled()
    assert page.joining.problem.isVisible()
    assert page.joining.problem.text()
    assert page.state.text() == "单机使用，还没有加入县里"


def test_a_county_that_vouches_for_itself_is_joined_with_the_file_it_gave_us(
    page: ExchangePage, county: CountyServer, settled: Settled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Authority(tmp_path, "县里的根证书")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(own.file), ""))
    plain = serving._settings

    def proven(county: CountyServer) -> uvicorn.Config:
        settings = plain(county)
        settings.ssl_certfile, settings.ssl_keyfile = map(str, own.server())
        return settings

    monkeypatch.setattr(serving, "_settings", proven)
    section, post = page.joining, page.context.store.post
    with serving.listen(county) as line:
        section.url.setText(line.url.replace("http:", "https:"))
        section.code.setText(accounts.make_code(county.ledger, post.org, post.role, "测试"))
        section.act.click()
        settled_after_retries(page, settled)
        assert "不是县里的服务器" in section.problem.text()
        section.authority.choose.click()
        assert section.authority.words.text() == "县里的根证书.pem（以后要留在原处）"
        section.act.click()
        settled()
        settled()
        assert page.state.text() == "已全部送到"
    assert ties(page.context.store).authority == str(own.file)


def test_a_file_that_is_no_certificate_is_said_at_once_and_not_used(
    page: ExchangePage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = tmp_path / "信.pem"
    letter.write_text("你好", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(letter), ""))
    field = page.joining.authority
    assert not field.without.isVisible()
    field.choose.click()
    assert field.words.text() == f"没有加入。「{letter}」不在，或者不是证书。请向县里要根证书文件（PEM）。"
    assert field.file == ""


def test_a_certificate_that_was_not_needed_is_let_go_again(page: ExchangePage, tmp_path: Path) -> None:
    field = page.joining.authority
    field.take(str(Authority(tmp_path, "根").file))
    assert field.file
    field.without.click()
    assert (field.file, field.words.text(), field.without.isVisible()) == ("", "", False)


def test_who_joins_on_a_line_that_says_nothing_can_stop_at_once_and_try_again(
    page: ExchangePage, county: CountyServer, line: Listening, settled: Settled, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    post = page.context.store.post
    code = accounts.make_code(county.ledger, post.org, post.role, "测试")
    begun, going_on, answered = threading.Event(), threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        begun.set()
        going_on.wait(PATIENCE)
        answered.set()

    with monkeypatch.context() as dead:
        dead.setattr("sync.client.http.HttpCounty.enrol", silent)
        page.show_what(JoinWanted(line.url, code))
        qtbot.waitUntil(begun.is_set)
        assert page.stop.isVisible()
        assert page.words.text() == "正在加入……"
        assert page.entering is not None
        with qtbot.waitSignal(page.entering.ended):
            page.stop.click()
        assert not answered.is_set()
    going_on.set()
    settled()
    assert page.state.text() == "单机使用，还没有加入县里"
    assert page.joining.problem.text() == "已停下，还没有加入。资料都在，注册码还能用。"
    assert not page.stop.isVisible()
    page.joining.act.click()  # with what stands there
    settled()
    settled()
    assert page.state.text() == "已全部送到"


def test_closing_the_window_while_joining_waits_for_nobody(
    page: ExchangePage, line: Listening, settled: Settled, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, going_on = threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        begun.set()
        going_on.wait(PATIENCE)

    monkeypatch.setattr("sync.client.http.HttpCounty.enrol", silent)
    page.show_what(JoinWanted(line.url, "AAAA-BBBB"))
    qtbot.waitUntil(begun.is_set)
    assert page.entering is not None
    with qtbot.waitSignal(page.entering.ended):
        page.closing()
    going_on.set()
    settled()


def test_a_missing_line_costs_nothing_but_a_quiet_count(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled
) -> None:
    joined(page, county, line, settled)
    ties = desk.store.setting("county")
    desk.store.set_setting("county", {**ties, "url": "http://127.0.0.1:9"})
    moved(desk.store, "王家寨三组 18 号")
    told: list[str] = []
    desk.changes.said.connect(lambda notice: told.append(notice.text))
    page.exchange()
    settled_after_retries(page, settled)
    assert page.state.text() == "1 条待送"
    assert told == ["资料都在这台电脑上，没有丢。现在连不上县里。"]
    assert child(desk.store).current_address == "王家寨三组 18 号"
    assert [each.person for each in page.waiting.table.lines] == ["王小满"]


def settled_after_retries(page: ExchangePage, settled: Settled) -> None:
    """The line is tried three times, with pauses."""
    from pytestqt.wait_signal import SignalBlocker

    task = page.running or page.entering
    if task is not None:
        blocker = SignalBlocker(timeout=PATIENCE * 1_000)
        blocker.connect(task.ended)
        blocker.wait()
    settled()


def test_two_values_stand_side_by_side_with_who_wrote_them(
    page: ExchangePage, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled
) -> None:
    in_two_minds(page, county, line, supervisor, settled)
    assert page.state.text() == "1 件需要处理"
    shown = page.settling.difference.shown
    assert shown is not None
    assert shown.person == "王小满"
    assert "18 号" in shown.mine.words
    assert "镇上中学旁" in shown.theirs.words
    assert (shown.mine.by, shown.theirs.by) == ("陆大桥", "李督导")


@pytest.mark.parametrize("key, address", [(Qt.Key.Key_1, "王家寨三组 18 号"), (Qt.Key.Key_2, "镇上中学旁")])
def test_a_number_key_settles_it_and_both_desks_agree(
    page: ExchangePage, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled,
    qtbot: QtBot, key: Qt.Key, address: str,
) -> None:  # fmt: skip
    in_two_minds(page, county, line, supervisor, settled)
    page.activateWindow()
    qtbot.waitUntil(lambda: page.isActiveWindow() and page.settling.difference.shown is not None)
    qtbot.keyClick(page, key)
    qtbot.waitUntil(lambda: page.context.reader.count(Conflict, state="open") == 0)
    settled()
    assert child(page.context.store).current_address == address
    assert page.context.reader.count(Conflict, state="open") == 0
    page.exchange()
    settled()
    supervisor.exchange(county)
    assert child(supervisor.store).current_address == address
    assert supervisor.store.count(Conflict, state="open") == 0


def test_later_leaves_it_open_at_the_end_of_the_list(
    page: ExchangePage, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled
) -> None:
    in_two_minds(page, county, line, supervisor, settled)
    page.settling.difference.answer(len(page.settling.difference.acts))
    assert page.context.reader.count(Conflict, state="open") == 1
    assert page.settling.later == [page.standing.conflicts[0].conflict.id]  # type: ignore[union-attr]


def test_what_the_county_did_not_take_is_shown_whole_and_put_aside(
    page: ExchangePage, desk: Context, settled: Settled
) -> None:
    content = (
        '{"changes": [{"type": "person", "record": "x", "bases": {}, '
        '"after": {"note": "迁走了", "phones": {"add": ["13900000005"], "remove": []}}}]}'
    )
    refused = Rejection(
        id="r1", subject=child(desk.store).id, unit="u1", about_type="person", about="", reason="foreign_village",
        explanation="这个人已经迁到别的村。", content=content, author="陆大桥", refused_at=desk.clock.now(),
        state="open",
    )  # fmt: skip
    desk.store.save(desk.actor, (None, refused))
    page.refresh()
    settled()
    shown = page.settling.refused.shown
    assert shown is not None
    assert shown.lines == (("备注", "迁走了"), ("联系电话", "加 13900000005"))
    assert shown.reason == "不是本村的人"
    page.settling.deal_with(shown.rejection, "withdrawn")
    settled()
    assert page.settling.list.table.lines == []
    assert desk.reader.require(Rejection, "r1").state == "withdrawn"


def test_stop_is_obeyed_at_once_on_a_line_that_says_nothing(
    page: ExchangePage, county: CountyServer, line: Listening, settled: Settled, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    joined(page, county, line, settled)
    moved(page.context.store, "王家寨三组 18 号")
    begun, going_on, answered = threading.Event(), threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        begun.set()
        going_on.wait(PATIENCE)
        answered.set()

    with monkeypatch.context() as dead:
        dead.setattr("sync.client.http.HttpCounty.exchange", silent)
        page.exchange()
        qtbot.waitUntil(begun.is_set)
        assert page.running is not None
        with qtbot.waitSignal(page.running.ended):
            page.stop.click()
        assert not answered.is_set()
    going_on.set()
    settled()
    assert page.state.text() == "1 条待送"
    page.exchange()
    settled()
    assert page.state.text() == "已全部送到"


def test_what_waits_says_why_and_photos_say_how_far_they_are(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled
) -> None:
    joined(page, county, line, settled)
    digest = desk.store.attach_blob(bytes(range(256)) * 1_000)
    photo = Attachment(id="a" * 32, subject=child(desk.store).id, sha256=digest, size=256_000, kind="photo")
    desk.store.save(desk.actor, (None, photo))
    with writing(desk.store) as work:
        work.transferred(digest, "up", 128_000, 256_000)
    desk.line.failed(CountyUnreachable("资料都在这台电脑上，没有丢。现在连不上县里。"))
    desk.line.will_try(desk.clock.now() + timedelta(minutes=4))
    page.refresh()
    settled()
    assert page.state.text() == "1 条待送"
    assert page.words.text() == "连不上县里，约 4 分钟后自动再试。还有 1 张照片，文字送完就传。"
    lines = page.waiting.table.lines
    assert [(each.person, each.verb) for each in lines if each.at is None] == [("王小满", "已传 128 KB，共 256 KB")]
    desk.line.reached()
    assert "自动送" in page.words.text()


def test_all_sent_is_not_said_while_part_of_the_county_s_answer_is_missing(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, supervisor: Colleague, settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    joined(page, county, line, settled)
    for number in range(30):
        supervisor.save(Person(), name=f"别人{number}", org=VILLAGE)
    supervisor.exchange(county)
    whole = HttpCounty._pages

    def cut(line: HttpCounty, request: Request) -> Iterator[Answered]:
        yield next(whole(line, request))
        raise LineBroke("资料都在这台电脑上，没有丢。线路断了。")

    with monkeypatch.context() as dead:
        dead.setattr(giving, "PAGE", 10)
        dead.setattr(HttpCounty, "_pages", cut)
        page.exchange()
        settled_after_retries(page, settled)
    assert 0 < desk.reader.count(Person) < 31
    assert page.state.text() == "都送出了，还没有收完"
    assert exchange_light(desk.store) == ("unfinished", "还没收完")
    desk.line.will_try(desk.clock.now() + timedelta(minutes=3))
    assert page.words.text() == "线路断了，约 3 分钟后自动再试；收到了的不会重来。"
    page.exchange()
    settled()
    assert desk.reader.count(Person) == 31
    assert page.state.text() == "已全部送到"


def test_who_has_joined_and_never_exchanged_is_told_just_that(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(ExchangePage, "_begin", lambda page: None)
    with desk.store.transaction() as work:
        work.db.execute("DELETE FROM unit")
    joined(page, county, line, settled)
    page.refresh()
    settled()
    assert page.state.text() == "已加入，还没有收发过"
    assert "还没有收发过" in page.words.text()


def test_what_does_not_agree_has_words_of_its_own(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled
) -> None:
    joined(page, county, line, settled)
    agreement.noted(desk.store, differs=True)
    page.refresh()
    settled()
    assert page.state.text() == "和县里有对不上的地方"
    assert exchange_light(desk.store) == ("differs", "对不上")
    assert page.news.isVisible()
    assert DIFFERS_WORDS not in page.words.text()  # the line below says it
    page.news.read.click()
    settled()
    assert not page.news.isVisible()
    assert page.words.text() == DIFFERS_WORDS
    page.exchange()
    settled()
    assert page.state.text() == "已全部送到"


def test_what_the_county_moved_stays_in_sight_until_it_is_read(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled
) -> None:
    joined(page, county, line, settled)
    assert not page.news.isVisible()
    with writing(desk.store) as work:
        note_moved(work, 1_764_000_000_000, Moved(away=People(children=1, elders=3)))
    page.refresh()
    settled()
    assert page.news.isVisible()
    told = [each.text() for each in page.news.findChildren(QLabel)]
    assert any("县里把 3 位老人、1 个孩子移到了别处" in words for words in told)
    assert exchange_light(desk.store) == ("attention", "有变动")
    page.news.read.click()
    settled()
    assert not page.news.isVisible()
    assert exchange_light(desk.store) == ("all_sent", "已全部送到")


def test_what_was_not_shown_is_shown_when_the_rest_has_been_read(
    page: ExchangePage, desk: Context, county: CountyServer, line: Listening, settled: Settled
) -> None:
    joined(page, county, line, settled)
    day = 86_400_000
    with writing(desk.store) as work:
        note_moved(work, 1_764_000_000_000, Moved(away=People(children=1)))
        note_moved(work, 1_764_000_000_000 + day, Moved(away=People(children=2), proposed=1, drafts=3))
        note_moved(work, 1_764_000_000_000 + 2 * day, Moved(away=People(elders=3)))
    page.refresh()
    settled()
    seen = []
    while page.news.isVisible():
        seen.append([each.text().partition("　")[2] for each in page.news.lines.findChildren(QLabel)])
        page.news.read.click()
        settled()
    assert [len(lines) for lines in seen] == [1, 3, 1]
    assert ["3 位老人" in seen[0][0], "2 个孩子" in seen[1][0], "1 个孩子" in seen[2][0]] == [True] * 3


def test_the_list_of_exchanges_says_who_left() -> None:
    line = {"sent": 1, "received": 0, "conflicts": 0, "rejections": 0, "news": ["县里把 1 个孩子移到了别处。"]}
    assert outcome_words(line) == "送出 1 条，收到 0 条。县里把 1 个孩子移到了别处"
