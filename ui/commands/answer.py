"""What a verb is asked and what it answers, apart from how that is typed or shown."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.clock import Clock
from app.errors import EnvironmentFault, UserError
from app.paths import default_workspace

if TYPE_CHECKING:
    from app.policy.access import Actor
    from app.store.workspace import Workspace

RELEASED = date(2026, 11, 1)
"""No computer on which this version runs can be earlier; one that says so has an empty battery."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``value`` is shown with --json, ``lines`` without; ``notes`` go to stderr; not ``ok`` is exit status 1."""

    value: Any
    lines: Sequence[str] = ()
    notes: Sequence[str] = ()
    ok: bool = True


class PassphraseMissing(UserError):
    """Nobody is there to type it, and the environment does not hold it."""

    code = "K4"


class ClockWrong(EnvironmentFault):
    """The computer's date lies before this program, or before what was saved last."""

    code = "T1"


class Asked:
    """The arguments of one call, and the way to the workspace that it concerns."""

    def __init__(self, given: Namespace, clock: Clock) -> None:
        self.given = given
        self.clock = clock
        self.verb: Callable[[Asked], Answer] = given.verb
        self.as_json: bool = given.json

    def __getattr__(self, name: str) -> Any:
        return getattr(self.given, name)

    @property
    def folder(self) -> Path:
        """The workspace: --workspace, else the environment, else this user's own."""
        chosen = self.given.workspace or os.environ.get("SHOUWANG_WORKSPACE")
        return Path(chosen) if chosen else default_workspace()

    def today(self) -> date:
        """The day in China; ClockWrong when the computer's date cannot be."""
        today = self.clock.today()
        if today < RELEASED:
            raise _clock_wrong(today)
        return today

    def passphrase(self, *, new: bool = False) -> str:
        """From SHOUWANG_PASSPHRASE, or asked at the terminal; a new one is asked twice."""
        if given := os.environ.get("SHOUWANG_PASSPHRASE"):
            return given
        if sys.stdin is None or not sys.stdin.isatty():
            raise PassphraseMissing(
                "什么都没有改动。没有口令。", advice="请设好环境变量 SHOUWANG_PASSPHRASE，或在终端里运行再输入。"
            )
        from getpass import getpass

        try:
            typed = getpass("新口令：" if new else "口令：")
            again = getpass("再输一遍：") if new else typed
        except EOFError as error:
            raise PassphraseMissing("什么都没有改动。没有输入口令。", advice="请再来一次。") from error
        if again != typed:
            raise UserError("还没有新建。两次输入的口令不一样。", advice="请再来一次。")
        return typed

    @contextmanager
    def open(self) -> Iterator[Workspace]:
        """The workspace while the verb works; locked against any other process."""
        from app.cases.agenda import default_planner
        from app.store.workspace import open_store

        store = open_store(
            self.folder, self.passphrase(), clock=self.clock, planner=default_planner(), tell=_tell_stderr
        )
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def writing(self) -> Iterator[tuple[Workspace, Actor]]:
        """The workspace and who works, refused while the computer's date is wrong."""
        self.today()
        with self.open() as store:
            yield store, actor(store)


def actor(store: Workspace) -> Actor:
    """Who opened the workspace, in the post that it belongs to."""
    from app.cases import posts

    return posts.actor(store)


def _clock_wrong(today: date) -> ClockWrong:
    return ClockWrong(
        f"资料都在，什么都没有改动。电脑的日期是 {today.isoformat()}，不对。", advice="请先调对日期和时间，再试。"
    )


def _tell_stderr(words: str) -> None:
    print(words, file=sys.stderr)
