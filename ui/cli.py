"""The same verbs as the window, for scripts: plain arguments in, lines or one JSON value out, no Qt."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from app.clock import Clock, SystemClock
from app.errors import ShouwangError
from ui.commands import VERB_GROUPS
from ui.commands.answer import Answer, Asked
from ui.commands.faults import plainly
from ui.commands.usage import Parser, WrongUsage

DONE, REFUSED, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str], clock: Clock | None = None) -> int:
    """Carry out one verb. Gives 0 when done, 1 with a reason on stderr and nothing changed, 2 for wrong usage."""
    _speak_utf8()
    try:
        asked = make_parser().read(["self-test" if word == "--self-test" else word for word in arguments])
    except WrongUsage as wrong:
        print(wrong, file=sys.stderr if wrong.is_error else sys.stdout)
        return WRONG_USAGE if wrong.is_error else DONE
    return _carry_out(Asked(asked, clock or SystemClock()))


def make_parser() -> Parser:
    """All verbs with their options."""
    parser = Parser("shouwang", "守望：村儿童主任和乡镇社工站的办公桌。不带参数时打开窗口。")
    for group in VERB_GROUPS:
        group.add(parser)
    return parser


def _carry_out(asked: Asked) -> int:
    try:
        with plainly():
            answer = asked.verb(asked)
        _tell(answer, asked.as_json)
    except ShouwangError as error:
        _complain(error)
        return REFUSED
    except KeyboardInterrupt:
        print("已停下，没有做完的都没有改动。", file=sys.stderr)
        return REFUSED
    except BrokenPipeError:  # whoever read our lines has heard enough
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return DONE if answer.ok else REFUSED


def _tell(answer: Answer, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer.value, ensure_ascii=False, default=str))
    else:
        for line in answer.lines:
            print(line)
    for note in answer.notes:
        print(note, file=sys.stderr)
    if sys.stdout is not None:  # whoever started us may have closed it
        sys.stdout.flush()


def _complain(error: ShouwangError) -> None:
    print(f"{error}（{error.code}）" if error.code else str(error), file=sys.stderr)
    for problem in error.problems:
        print(f"  {problem.message}" + ("（可以确认）" if problem.warning else ""), file=sys.stderr)


def _speak_utf8() -> None:
    """A Windows console of another code page shows what it can instead of stopping the work."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
