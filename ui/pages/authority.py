"""The root certificate of a county that vouches for itself; most counties need none, so it keeps out of the way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import UserError
from ui import look
from ui.joining import root_certificate
from ui.look.parts import redress
from ui.words import tr

KINDS = "*.pem *.crt *.cer"


class AuthorityField(QWidget):
    """A quiet button; once a file is chosen, its name, and that it has to stay where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.file = ""
        self.choose = look.quiet_button(
            tr("县里的根证书…"), self._choose, hint=tr("县里给了根证书文件才要选；没有给，就不用管")
        )
        self.words = look.Label("", "quiet", wrap=True)
        self.without = look.quiet_button(tr("不用它"), lambda: self.take(""))
        line = look.row(self.choose, gap=1)
        line.addWidget(self.words, 1)
        line.addWidget(self.without)
        self.setLayout(line)
        self.take("")

    def _choose(self) -> None:
        kinds = f"{tr('证书')} ({KINDS});;{tr('所有文件')} (*)"
        name, _ = QFileDialog.getOpenFileName(self, tr("选县里给的根证书文件"), "", kinds)
        if name:
            self.take(name)

    def take(self, name: str) -> None:
        """Use this file if it is a certificate; without a name use none."""
        try:
            self.file, problem = root_certificate(name), ""
        except UserError as error:
            self.file, problem = "", str(error)
        kept = tr("{file}（以后要留在原处）", file=Path(name).name) if self.file else ""
        self.words.setText(problem or kept)
        redress(self.words, look="problem" if problem else "quiet")
        self.without.setVisible(bool(self.file))
