"""打印: exact pages before anything is written down, numbers only for what went onto paper, and a log without names."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import QSize, Qt
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from app.errors import Cancelled
from app.records.sheet import Sheet
from tests.ui import showing
from ui import print_job
from ui.context import Context
from ui.pages.page import PrintWanted, VisitWanted
from ui.pages.printing import PrintingPage
from ui.paper_view import opened
from ui.print_job import Wanted

Settled = Callable[[], None]


@pytest.fixture
def page(desk: Context, qtbot: QtBot, settled: Settled) -> PrintingPage:
    return showing.shown(PrintingPage(desk), qtbot, settled)


def shown(page: PrintingPage, wanted: PrintWanted, settled: Settled) -> None:
    page.show_what(wanted)
    page.make_preview()
    settled()


def has_red(pdf: bytes) -> bool:
    """Whether anything on the first page is red."""
    document, _buffer = opened(pdf)
    picture = document.render(0, QSize(210, 297))
    dots = (picture.pixelColor(x, y) for x in range(210) for y in range(297))
    return any(dot.red() > dot.green() + 20 for dot in dots)


def text_of(pdf: bytes) -> str:
    return "".join(each.extract_text() for each in PdfReader(BytesIO(pdf)).pages)


def test_the_preview_shows_the_pages_and_gives_no_number_away(
    page: PrintingPage, desk: Context, settled: Settled
) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1", "gm")), settled)
    assert page.view.page_count == 2
    assert page.words.text().startswith("2 份，2 页 A4；带在路上的表，号码遮住")
    assert page.printing is not None
    assert page.printing.document.sheets[0].number
    assert desk.reader.count(Sheet) == 0


def test_saving_gives_the_sheets_the_numbers_that_the_preview_showed(
    page: PrintingPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1", "gm")), settled)
    assert page.printing is not None
    promised = [sheet.number for sheet in page.printing.document.sheets]
    page.save_pdf(tmp_path / "走访单.pdf")
    settled()
    assert [sheet.number for sheet in desk.reader.find(Sheet)] == promised
    assert len(PdfReader(tmp_path / "走访单.pdf").pages) == 2
    assert page.tabs["sheets"].text() == "还没录入的表 2"
    [entry] = desk.reader.audit_log("print")
    assert entry.detail == {"form": "visit_sheet", "sheets": 2, "pages": 2, "masked": True, "how": "pdf"}


def test_what_is_missing_is_red_on_the_screen_and_blank_on_paper(
    page: PrintingPage, desk: Context, settled: Settled
) -> None:
    shown(page, PrintWanted("child_registration", ("c2",)), settled)
    assert page.lacking.isVisible()
    assert "户籍所在地" in page.lacking.text()
    made = print_job.pages(
        desk.store, page.wanted(), desk.actor, desk.clock.today(), how="pdf", tell=lambda done, of: None  # type: ignore[arg-type]
    )
    assert page.printing is not None
    assert has_red(page.printing.document.pdf)
    assert not has_red(made.document.pdf)


def test_a_form_leaves_out_and_names_whom_it_is_not_for(page: PrintingPage, settled: Settled) -> None:
    shown(page, PrintWanted("child_registration", ("c1", "gm")), settled)
    assert page.printing is not None
    assert len(page.printing.document.sheets) == 1
    assert "罗有珍不能用这种表" in page.words.text()


def test_a_visit_prints_as_its_record_and_a_person_as_their_last_one(
    page: PrintingPage, desk: Context, settled: Settled
) -> None:
    for id_ in ("v1", "c1"):
        shown(page, PrintWanted("child_visit_record", (id_,)), settled)
        assert page.printing is not None
        assert "话不多，爱画画。" in text_of(page.printing.document.pdf)


def test_the_printer_gets_every_page_and_only_those_asked_for(
    page: PrintingPage, qtbot: QtBot, tmp_path: Path, settled: Settled
) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1", "c2", "gm")), settled)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printer.pdf"))
    printer.setPrintRange(QPrinter.PrintRange.PageRange)
    printer.setFromTo(2, 3)
    page.print_to(printer)
    settled()
    pages = PdfReader(tmp_path / "printer.pdf").pages
    assert len(pages) == 2
    assert round(float(pages[0].mediabox.width)) in range(594, 597)


def test_a_printing_that_is_stopped_leaves_no_sheet_open(desk: Context) -> None:
    def stop(done: int, of: int) -> None:
        raise Cancelled("已经停下，什么都没有改动。")

    wanted = Wanted("visit_sheet", ("c1",))
    with pytest.raises(Cancelled):
        print_job.pages(desk.store, wanted, desk.actor, desk.clock.today(), how="printer", tell=stop)  # type: ignore[arg-type]
    assert [sheet.state for sheet in desk.reader.find(Sheet)] == ["spoiled"]
    assert desk.reader.audit_log("print") == []


def test_blank_sheets_for_the_bag_have_numbers_and_nobody(
    page: PrintingPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    page.choose_form("visit_sheet")
    page.people.sources["blank"].click()
    page.people.count.setValue(3)
    page.make_preview()
    settled()
    page.save_pdf(tmp_path / "空白.pdf")
    settled()
    sheets = desk.reader.find(Sheet)
    assert len(sheets) == 3
    assert all(sheet.person is None for sheet in sheets)


def test_a_package_for_the_stick_names_files_by_number_and_nobody(
    page: PrintingPage, desk: Context, tmp_path: Path, settled: Settled
) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1", "gm")), settled)
    page.save_package(tmp_path)
    settled()
    [folder] = list(tmp_path.glob("打印包*"))
    numbers = {sheet.number for sheet in desk.reader.find(Sheet)}
    assert {path.stem for path in folder.glob("*.pdf")} == numbers
    listed = (folder / "清单.txt").read_text("utf-8-sig")
    assert all(str(number) in listed for number in numbers)
    assert "王小满" not in listed
    assert "删掉" in listed


def test_a_sheet_from_the_bag_is_typed_in_by_enter_and_lost_by_delete(
    page: PrintingPage, desk: Context, qtbot: QtBot, tmp_path: Path, settled: Settled
) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1", "gm")), settled)
    page.save_pdf(tmp_path / "走访单.pdf")
    settled()
    page.show_tab("sheets")
    first = page.sheets.list.chosen().sheet  # type: ignore[union-attr]
    with qtbot.waitSignal(page.open_visit) as opened:
        qtbot.keyClick(page.sheets.list, Qt.Key.Key_Return)
    assert opened.args == [VisitWanted(sheet=first.number)]
    qtbot.keyClick(page.sheets.list, Qt.Key.Key_Delete)
    settled()
    assert desk.reader.require(Sheet, first.id).state == "lost"


def test_the_list_holds_children_or_elders_and_whole_numbers(
    page: PrintingPage, desk: Context, settled: Settled
) -> None:
    shown(page, PrintWanted("register_list", ("c1", "c2", "gm")), settled)
    assert page.printing is not None
    text = text_of(page.printing.document.pdf)
    assert "儿童台账" in text
    assert "共 2 人" in text
    assert not page.printing.masked


def test_today_fills_the_list_in_the_order_of_the_walk(page: PrintingPage, settled: Settled) -> None:
    page.take_today()
    settled()
    assert page.people.ids == ["c1"]


def test_the_report_form_comes_up_blank_after_people_were_chosen(page: PrintingPage, settled: Settled) -> None:
    shown(page, PrintWanted("visit_sheet", ("c1",)), settled)
    shown(page, PrintWanted("mandatory_report"), settled)
    assert page.wanted() == Wanted("mandatory_report", blanks=1)
    assert page.printing is not None
    assert "王小满" not in text_of(page.printing.document.pdf)


def test_a_form_that_fits_nobody_says_so(page: PrintingPage, settled: Settled) -> None:
    shown(page, PrintWanted("child_registration", ("gm",)), settled)
    assert page.nothing.isVisible()
    assert page.nothing.words.text().startswith("选的人都不能用这种表")
    assert not page.print.isEnabled()
