"""Pages on the screen and on the printer: the same PDF, from memory, never by way of a file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRect
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPalette
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFrame, QWidget

from app.errors import EnvironmentFault
from ui import look
from ui.words import tr

Tell = Callable[[int, int], None]
SHARP = 300
"""Dots per inch: enough for small print, and a page stays under 35 MB while it is drawn."""


class PrinterFailed(EnvironmentFault):
    """The printer did not take the pages."""

    code = "P5"


class PaperView(QPdfView):
    """Shows pages as they will be on paper; always light, whatever the desk wears."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)  # type: ignore[arg-type]
        self.setPageMode(QPdfView.PageMode.MultiPage)
        self.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.setAccessibleName(tr("打印预览"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._held: tuple[QPdfDocument, QBuffer] | None = None
        look.changed.connect(self._wear)
        self._wear()

    def _wear(self) -> None:
        """The ground around the pages."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Dark, look.colour("hairline"))
        self.setPalette(palette)

    def show_pdf(self, pdf: bytes) -> None:
        """Show other pages."""
        document, buffer = opened(pdf)
        before, self._held = self._held, (document, buffer)
        self.setDocument(document)
        del before  # until now: the view lets go of the old pages only when it is given new ones

    @property
    def page_count(self) -> int:
        """How many pages are shown."""
        return self._held[0].pageCount() if self._held else 0


def opened(pdf: bytes) -> tuple[QPdfDocument, QBuffer]:
    """The pages of a PDF in memory; the buffer must live as long as the document.

    Neither may be a child of the view: it would hear of their end when it is half gone itself.
    """
    document = QPdfDocument()
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    return document, buffer


def prepare(printer: QPrinter, *, landscape: bool) -> None:
    """A4, the right way round, from edge to edge: the margins are in the pages."""
    ways = QPageLayout.Orientation
    way = ways.Landscape if landscape else ways.Portrait
    printer.setFullPage(True)
    printer.setPageLayout(QPageLayout(QPageSize(QPageSize.PageSizeId.A4), way, QMarginsF()))
    printer.setResolution(min(SHARP, printer.resolution()) if printer.resolution() > 72 else SHARP)


def paint(pdf: bytes, printer: QPrinter, tell: Tell) -> int:
    """Draw the pages that the print dialog chose; off the window's thread. Gives how many. Raises PrinterFailed."""
    document, buffer = opened(pdf)
    wanted = _chosen(printer, document.pageCount())
    painter = QPainter()
    if not painter.begin(printer):
        words = tr("没有打印，资料没有受影响。打印机没有接收。")
        raise PrinterFailed(words, advice=tr("请检查打印机是否开着、有没有纸，再打一次。"))
    try:
        for place, page in enumerate(wanted):
            tell(place, len(wanted))
            if place:
                printer.newPage()
            painter.drawImage(_paper(printer), document.render(page, _paper(printer).size()))
        tell(len(wanted), len(wanted))
    finally:
        painter.end()
        document.close()
        buffer.close()
    return len(wanted)


def _chosen(printer: QPrinter, count: int) -> range:
    """Pages counted from 0."""
    if printer.printRange() is QPrinter.PrintRange.PageRange and printer.fromPage():
        return range(printer.fromPage() - 1, min(printer.toPage() or count, count))
    return range(count)


def _paper(printer: QPrinter) -> QRect:
    size = printer.pageLayout().fullRectPixels(printer.resolution())
    return QRect(0, 0, size.width(), size.height())


__all__ = ["PaperView", "PrinterFailed", "opened", "paint", "prepare"]
