"""The whole program: from nothing to the desk, locked and opened again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.clock import SystemClock
from app.records import Person
from app.settings import Preferences
from sync.client.engine import join
from sync.client.http import HttpCounty
from sync.server import accounts, tables
from sync.server.county import county_init
from sync.server.serving import listen
from tests.support.patience import PATIENCE
from tests.ui import village
from ui import line
from ui.opening import make_workspace, open_workspace
from ui.program import FIRST_START, Program
from ui.single import FirstWindow, raise_first
from ui.windows import quiet_exchange
from ui.windows.first_start import Beginning

SECRET = "四个词的口令甲乙"


@pytest.fixture
def started(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Program]:
    village.make(tmp_path).close()
    program = Program(qapp, tmp_path / "workspace", preferences=Preferences())
    program.start()
    yield program
    program.close()
    program.frame.hide()


def _wait_for(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true)


def _enter(program: Program, secret: str) -> None:
    assert program.lock is not None
    program.lock.secret.edit.setText(secret)
    program.lock.enter.click()


def test_the_passphrase_opens_the_desk(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.desk is not None
    assert started.desk.isVisible()
    assert started.lock is None


def test_a_wrong_passphrase_opens_nothing(started: Program, qtbot: QtBot) -> None:
    _enter(started, "不是这个口令")
    _wait_for(qtbot, lambda: bool(started.lock and started.lock.problem.text()))
    assert started.lock is not None
    assert started.lock.problem.text().startswith("资料都还在")
    assert started.context is None


def test_a_locked_window_shows_no_names_and_hides_its_dialogs(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    dialog = QDialog(started.frame)
    qtbot.addWidget(dialog)
    dialog.show()
    started.lock_desk()
    assert started.desk is not None
    assert not started.desk.isVisible()
    assert not dialog.isVisible()
    assert started.frame.windowTitle() == "守望"
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.lock is None)
    assert started.desk.isVisible()
    assert dialog.isVisible()


def test_the_type_size_changes_anywhere_and_is_remembered(started: Program) -> None:
    started.prefer(started.preferences.larger())
    assert started.app.font().pointSize() == 14
    started.prefer(Preferences())


def test_a_second_start_raises_the_first_window(tmp_path: Path, qtbot: QtBot) -> None:
    first = FirstWindow(tmp_path)
    with qtbot.waitSignal(first.raise_asked):
        assert raise_first(tmp_path)
    first.close()
    assert not raise_first(tmp_path, 50)


def test_the_first_start_ends_at_the_desk_and_can_be_left_on_the_way(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    folder = tmp_path / "new"
    program = Program(qapp, folder, preferences=Preferences())
    program.start()
    assert program.first is not None
    program.first.made.emit(Beginning("陆大桥", "child_director", village.ORG, SECRET))
    _wait_for(qtbot, lambda: program.first is not None and program.first.step == 3)
    program.close()  # left before the recovery code was copied
    again = Program(qapp, folder, preferences=Preferences())
    again.start()
    _enter(again, SECRET)
    _wait_for(qtbot, lambda: again.first is not None and again.first.step == 3)
    assert again.first is not None
    groups = again.first.copied._groups
    for place, edit in again.first.copied.checks.items():
        edit.setText(groups[place])
    for _ in range(3):
        again.first.forward()
        if again.first is None:
            break
    _wait_for(qtbot, lambda: again.desk is not None)
    assert again.context is not None
    qtbot.waitUntil(lambda: again.context is not None and again.context.store.setting(FIRST_START) is None)
    again.close()
    for one in (program, again):
        one.frame.hide()


def test_a_forgotten_passphrase_is_replaced_with_the_recovery_code(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> None:
    store, code = make_workspace(
        tmp_path / "w", Beginning("陆大桥", "child_director", village.ORG, SECRET), SystemClock()
    )
    store.set_setting(FIRST_START, None)
    store.close()
    program = Program(qapp, tmp_path / "w", preferences=Preferences())
    program.start()
    assert program.lock is not None
    program.lock.recovery_given.emit(code, "另外四个新的词")
    _wait_for(qtbot, lambda: program.desk is not None)
    program.close()
    program.frame.hide()
    opened = open_workspace(tmp_path / "w", "另外四个新的词", SystemClock())
    assert opened.holder.name == "陆大桥"
    opened.close()


def test_long_behind_the_lock_the_store_is_closed_and_opens_again(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.context is not None
    workers = started.context.workers
    started.lock_desk()
    _wait_for(qtbot, lambda: not workers.busy)
    started.lock_deeply()
    _wait_for(qtbot, lambda: started.context is None)
    assert started.desk is None
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None and started.lock is None)
    assert started.context is not None


def test_a_desk_whose_key_is_forgotten_exchanges_with_nobody(
    started: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.desk is not None
    assert started.desk.quiet is not None
    called: list[object] = []
    monkeypatch.setattr(quiet_exchange, "_exchange", lambda *_: called.append(1))
    monkeypatch.setattr(line, "addresses", lambda: frozenset({f"192.0.2.{len(called) + 1}"}))
    context, quiet = started.context, started.desk.quiet
    assert context is not None
    started.lock_desk()
    quiet.timer.start(1)
    _wait_for(qtbot, lambda: bool(called))  # behind the lock the line goes on being used
    _wait_for(qtbot, lambda: not context.workers.busy)
    quiet.timer.start(30)
    quiet.watch.setInterval(1)
    started.lock_deeply()
    _wait_for(qtbot, lambda: started.context is None)
    called.clear()
    qtbot.wait(80)
    assert called == []


@pytest.mark.parametrize("asked_for", [False, True])
def test_closing_the_window_during_an_exchange_is_quick_and_loses_nothing(
    started: Program, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, asked_for: bool
) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    desk, context = started.desk, started.context
    assert desk is not None
    assert desk.quiet is not None
    assert context is not None
    context.store.set_setting("county", {"server_id": "s", "url": "http://127.0.0.1:9", "private_key": "00" * 32})
    waiting = context.store.pending()
    assert waiting > 0
    begun, going_on, answered = threading.Event(), threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        begun.set()
        going_on.wait(PATIENCE)
        answered.set()

    monkeypatch.setattr("sync.client.http.HttpCounty.exchange", silent)
    if asked_for:
        desk.open("exchange", "now")
    else:
        desk.quiet.exchange()
    _wait_for(qtbot, begun.is_set)
    since = time.process_time()
    started.close()
    assert not answered.is_set()  # nobody waited for the line
    assert time.process_time() - since < 2  # most of it is the file's own closing
    going_on.set()
    opened = open_workspace(tmp_path / "workspace", SECRET, SystemClock())
    assert opened.pending() == waiting
    opened.close()


def test_the_last_save_before_closing_reaches_the_county_although_no_exchange_was_due(
    started: Program, tmp_path: Path, qtbot: QtBot
) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.context is not None
    store = started.context.store
    county = county_init(tmp_path / "county", store.post.org[:6] + "000000", "测试县")
    with listen(county) as serving:
        code = accounts.make_code(county.ledger, store.post.org, store.post.role, "测试")
        line = HttpCounty.to(store, serving.url)
        join(line, store, serving.url, code)
        line.close()
        last = next(iter(store.save(store.holder, (None, Person(name="关窗前", org=store.post.org))).ids))
        started.close()
    with county.ledger.reading() as connection:
        arrived = connection.execute(county.ledger.of(tables.record, tables.record.c.type, id=last)).scalars().all()
    assert arrived == ["person"]
    opened = open_workspace(tmp_path / "workspace", SECRET, SystemClock())
    assert opened.require(Person, last).stamps["*"].count(":") == 1
    opened.close()
    county.ledger.close()


def test_closing_waits_for_a_silent_county_no_longer_than_seconds(
    started: Program, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.context is not None
    store = started.context.store
    store.set_setting("county", {"server_id": "s", "url": "http://127.0.0.1:9", "private_key": "00" * 32})
    waiting, going_on, answered = store.pending(), threading.Event(), threading.Event()

    def silent(*_: object) -> None:
        going_on.wait(PATIENCE)
        answered.set()

    monkeypatch.setattr("sync.client.http.HttpCounty.exchange", silent)
    monkeypatch.setattr("ui.exchanging.FAREWELL_SECONDS", 0.2)
    started.close()
    assert not answered.is_set()
    going_on.set()
    opened = open_workspace(tmp_path / "workspace", SECRET, SystemClock())
    assert opened.pending() == waiting
    opened.close()


def test_another_person_who_unlocks_is_the_author_from_then_on(started: Program, qtbot: QtBot) -> None:
    _enter(started, SECRET)
    _wait_for(qtbot, lambda: started.desk is not None)
    assert started.context is not None
    started.context.store.add_holder("陆小桥", "另一位的四个词")
    started.lock_desk()
    _enter(started, "另一位的四个词")
    _wait_for(qtbot, lambda: started.lock is None and started.context is not None)
    assert started.context.actor.name == "陆小桥"
