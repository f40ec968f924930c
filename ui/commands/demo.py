"""What shows and proves the program: the practice county, the pictures, the self-test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import EnvironmentFault
from app.paths import practice_workspace
from ui.commands.answer import Answer, Asked
from ui.commands.usage import Parser

if TYPE_CHECKING:
    from ui.demo.diary import Diary


class PicturesMissing(EnvironmentFault):
    """The window could not be drawn here."""

    code = "D1"


def add(parser: Parser) -> None:
    """Describe the verbs of this file."""
    shown = parser.verb("demo", demo, "练习县：服务器、两个村、一个乡镇，儿童主任的一天")
    shown.takes("--dir", default="", metavar="文件夹", help="练习资料放在哪里")
    shown.takes("--no-window", action="store_true", help="不开窗口，把一天走一遍，留下表格、PDF、图片和一页报告")
    shown.takes("--view", default="village", metavar="谁", help="village、supervisor、worker 或 big")
    parser.verb("pictures", pictures, "给每个地方拍图片").takes("target", metavar="文件夹", help="图片放在哪里")
    parser.verb("self-test", self_test, "程序自检")


def demo(asked: Asked) -> Answer:
    """The window on the living village; without a screen the same day is walked through."""
    asked.today()
    folder = Path(asked.dir) if asked.dir else practice_workspace()
    if asked.no_window or not has_screen():
        return _walked(asked, folder if asked.dir else Path("shouwang-demo"))
    from ui.demo.window import open_practice

    status = open_practice(folder, asked.clock, asked.view)
    return Answer({"dir": str(folder), "status": status}, ok=status == 0)


def _walked(asked: Asked, folder: Path) -> Answer:
    from ui.demo.walk import REPORT, walk

    tell = (lambda words: print(words, file=sys.stderr)) if asked.as_json else print
    diary = walk(folder, asked.clock, tell, pictures=_pictures_beside)
    lines = (f"一天走完了，用时 {_seconds(diary):.0f} 秒。表格、打印、图片都在 {folder}，先看 {folder / REPORT}。",)
    value = {
        "dir": str(folder), "report": str(folder / REPORT), "seconds": round(_seconds(diary), 1),
        "steps": [{"title": entry.title, "seconds": round(entry.seconds, 2), **entry.figures}
                  for entry in diary.entries],
    }  # fmt: skip
    return Answer(value, lines)


def _seconds(diary: Diary) -> float:
    return sum(entry.seconds for entry in diary.entries)


def _pictures_beside(folder: Path) -> Callable[[], int]:
    """Pictures are taken by a program of their own: it needs a window, and there is a second core."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui"]
    words = [*program, "pictures", str(folder), "--json"]
    taking = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finished() -> int:
        listed, told = taking.communicate()
        taken = [Path(name) for name in json.loads(listed or b"[]")]
        if not taken or not all(picture.exists() for picture in taken):
            print(told.decode("utf-8", "replace")[-2_000:], file=sys.stderr)
            raise PicturesMissing("一天走完了，表格和 PDF 都在，图片没有拍全。", advice="请把上面的话告诉技术人员。")
        return len(taken)

    return finished


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def pictures(asked: Asked) -> Answer:
    """Every place in every dress, for looking at."""
    from ui.pictures import take

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    taken = take(Path(asked.target))
    return Answer([str(path) for path in taken], [str(path) for path in taken])


def self_test(asked: Asked) -> Answer:
    """The built program's own proof."""
    from ui.selftest import run

    status = run()
    return Answer({"passed": status == 0}, ok=status == 0)
