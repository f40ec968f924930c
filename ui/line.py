"""The line to the county: whether this computer has one, how the last try ended, when the next comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from app.errors import CountyRefused, CountyUnreachable, ShouwangError
from ui.words import tr

MINUTES_SAID = 90
"""From then on it is said in hours."""


class Line(QObject):
    """Whoever exchanges tells it what came of that; 收发 says it in words, the quiet exchange is guided by it."""

    ended = Signal(bool)  # an exchange came to an end; whether it was whole
    appeared = Signal()  # this computer has an address that it did not have
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.trouble = ""  # away, broke, busy, refused; empty when the last try went well
        self.told = 0.0  # seconds after which the county asked to be called again; 0 when it did not
        self.next_at: datetime | None = None
        self.addresses: frozenset[str] | None = None

    def reached(self) -> None:
        """An exchange was whole."""
        self.trouble, self.told = "", 0.0
        self.ended.emit(True)
        self.changed.emit()

    def failed(self, error: ShouwangError) -> None:
        """An exchange was not."""
        self.trouble = _trouble(error)
        self.told = error.retry_after if isinstance(error, CountyUnreachable) else 0.0
        self.ended.emit(False)
        self.changed.emit()

    def will_try(self, at: datetime) -> None:
        """When the next exchange comes by itself."""
        self.next_at = at
        self.changed.emit()

    def look(self) -> None:
        """See which addresses this computer has now: a cable, a telephone, the wireless network came or went."""
        now = addresses()
        fresh = self.addresses is not None and bool(now - self.addresses)
        self.addresses = now
        if fresh:
            self.appeared.emit()

    def why(self, now: datetime, *, has_sent: bool = False) -> str:
        """Why what waits is still here, and what happens next, in a sentence.

        ``has_sent``: nothing waits here any more, but not everything has come.
        """
        goes_on, done = (tr("接着收"), tr("收到了的")) if has_sent else (tr("送"), tr("送到了的"))
        if self.addresses is not None and not self.addresses:
            return tr("这台电脑现在没有网，有网就自动{goes_on}。", goes_on=goes_on)
        when = self._when(now)
        words = {
            "": tr("{when}自动{goes_on}，想早些就点「现在收发」。", when=when, goes_on=goes_on),
            "away": tr("连不上县里，{when}自动再试。", when=when),
            "broke": tr("线路断了，{when}自动再试；{done}不会重来。", when=when, done=done),
            "busy": tr("县里正忙，{when}自动再试。", when=when),
            "refused": tr("县里没有让收发，原因写在「以前的收发」里。"),
        }
        return words[self.trouble]

    def _when(self, now: datetime) -> str:
        left = (self.next_at - now) if self.next_at else timedelta()
        minutes = round(left.total_seconds() / 60)
        if minutes >= MINUTES_SAID:
            return tr("约 {n} 小时后", n=round(minutes / 60))
        return tr("约 {n} 分钟后", n=minutes) if minutes >= 1 else tr("过一会儿")


def _trouble(error: ShouwangError) -> str:
    from sync.protocol import LATER, LineBroke

    if error.code == LATER:
        return "busy"
    if isinstance(error, CountyRefused):
        return "refused"
    return "broke" if isinstance(error, LineBroke) else "away"


def addresses() -> frozenset[str]:
    """The addresses by which this computer may reach others; asking for them sends nothing."""
    from PySide6.QtNetwork import QNetworkInterface

    found = QNetworkInterface.allAddresses()
    return frozenset(each.toString() for each in found if not each.isLoopback() and not each.isLinkLocal())
