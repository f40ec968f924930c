"""What the built program proves of itself: that it carries everything it needs and the pieces work together."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.store.workspace import Workspace

NAMES = ("练䶮", "习㛃", "试𬭚")
"""Characters that lesser fonts and encodings lose: two of the extension A, one beyond the first plane."""
ORG, COUNTY = "539900101200", "539900000000"
PASSPHRASE = "自检专用口令"


class SelfTestFailed(AssertionError):
    """A piece of the program does not work; the message says which."""


def run() -> int:
    """Every check in turn, a line each; 0 when all hold. Leaves nothing behind."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="shouwang-self-test-") as folder:
        bench = Bench(Path(folder))
        for name, check in CHECKS:
            try:
                told = check(bench)
            except Exception as error:  # whatever it is, the line must say which check it was
                print(f"失败  {name}：{type(error).__name__}: {error}", file=sys.stderr)
                return 1
            print(f"通过  {name}：{told}")
        bench.close()
    print(f"自检通过，用时 {time.perf_counter() - started:.1f} 秒")
    return 0


class Bench:
    """What the checks hand on to one another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store: Workspace | None = None
        self.pdf = b""

    @property
    def desk(self) -> Workspace:
        """The store of the first check."""
        require(self.store is not None, "没有打开的资料")
        assert self.store is not None
        return self.store

    def close(self) -> None:
        """Close the store, so that the folder can go."""
        if self.store is not None:
            self.store.close()


def require(holds: bool, words: str) -> None:
    """Raise SelfTestFailed unless it holds; also in a program built without assertions."""
    if not holds:
        raise SelfTestFailed(words)


def encrypted_store(bench: Bench) -> str:
    """A workspace is made, closed, opened again with its passphrase, and shows nothing from outside."""
    from app.cases.agenda import default_planner
    from app.records import Person
    from app.store import Post, create_store, open_store

    folder = bench.folder / "desk"
    post = Post(ORG, "child_director", "自检村儿童主任")
    made = create_store(folder, PASSPHRASE, post=post, holder_name="自检员", kind="practice", planner=default_planner())
    people = [Person(org=ORG, name=name, sex="1", birth_date=date(2015, 3, 5)) for name in NAMES]
    made.store.save(made.store.holder, *((None, person) for person in people))
    made.store.close()
    raw = (folder / "shouwang.db").read_bytes()
    require(NAMES[0].encode() not in raw and not raw.startswith(b"SQLite format 3"), "资料没有加密")
    bench.store = open_store(folder, PASSPHRASE, planner=default_planner())
    return f"{len(raw) // 1024} KB，加密，读回 {bench.desk.count(Person)} 人"


def found_by_initials(bench: Bench) -> str:
    """Search by pinyin initials finds the name with a rare character."""
    hits = bench.desk.search("ly")
    require([hit.name for hit in hits] == [NAMES[0]], f"找到的是 {[hit.name for hit in hits]}")
    return f"ly → {hits[0].name}"


def printed_form(bench: Bench) -> str:
    """The registration form of all three names, as PDF, with the names read back from it."""
    from io import BytesIO

    from pypdf import PdfReader

    from app.cases.papers import gather
    from app.paper import Setting, printed_form, render
    from app.records import Person

    ids = [person.id for person in bench.desk.every(Person)]
    document = render(printed_form("child_registration"), gather(bench.desk, ids, "child"), Setting())
    bench.pdf = document.pdf
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(document.pdf)).pages)
    lost = [name for name in NAMES if name not in text]
    require(not lost and not document.missing_glyphs, f"读不回 {lost}，缺字 {document.missing_glyphs}")
    return f"{document.page_count} 页，读回 {'、'.join(NAMES)}"


def preview(bench: Bench) -> str:
    """The pages are drawn by the same engine as in the printing place, and are not blank."""
    from PySide6.QtCore import QBuffer, QSize
    from PySide6.QtPdf import QPdfDocument

    from ui.program import make_app

    make_app()
    buffer = QBuffer()
    buffer.setData(bench.pdf)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    image = document.render(0, QSize(420, 594))
    inks = {image.pixelColor(x, y).rgba() for x in range(image.width()) for y in range(0, image.height(), 3)}
    pages = document.pageCount()
    require(pages > 0 and len(inks) > 20, f"预览是空白的：{pages} 页，{len(inks)} 种颜色")
    document.close()
    return f"{pages} 页已画出"


def input_methods(bench: Bench) -> str:
    """The plugins without which no Chinese can be typed, and the printing plugin, came along."""
    from PySide6.QtCore import QLibraryInfo

    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    found = sorted(path.stem for path in (plugins / "platforminputcontexts").glob("*"))
    require(sys.platform != "linux" or any("ibus" in name for name in found), f"缺输入法插件，只有 {found}")
    return "、".join(found) or "系统自带"


def county(bench: Bench) -> str:
    """A practice county on loopback: the desk joins it with a one-time code and delivers what it has."""
    from sync.client import engine
    from sync.client.http import HttpCounty
    from sync.server.accounts import make_code
    from sync.server.county import county_init
    from sync.server.serving import listen

    server = county_init(bench.folder / "county", COUNTY, "练习县", practice=True)
    with listen(server) as line:
        line_to = HttpCounty.to(bench.desk, line.url)
        engine.join(line_to, bench.desk, line.url, make_code(server.ledger, ORG, "child_director", "自检村儿童主任"))
        line_to.close()
        joined = HttpCounty.of(bench.desk)
        outcome = engine.exchange(joined, bench.desk)
        joined.close()
    server.ledger.close()
    require(outcome.delivered and outcome.sent > 0, f"没有送到：{outcome.sent} 条")
    return f"送到 {outcome.sent} 条，上行 {outcome.bytes_up} 字节，两边核对一致"


CHECKS: tuple[tuple[str, Callable[[Bench], str]], ...] = (
    ("加密的资料", encrypted_store),
    ("按首字母找人", found_by_initials),
    ("打印表格", printed_form),
    ("预览", preview),
    ("输入法插件", input_methods),
    ("和县里收发", county),
)
