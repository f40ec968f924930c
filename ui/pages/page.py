"""What a page is: a place in the window that shows records, hears of changes and asks to go elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.look import commit_composition

if TYPE_CHECKING:
    from app.store.results import Changes


@dataclass(frozen=True, slots=True)
class VisitWanted:
    """A visit to open: for these persons (one household), from a draft, or from a printed sheet's number."""

    subjects: tuple[str, ...] = ()
    type: str = ""  # child_visit or elder_visit; empty lets the page choose by who it is
    record: str = ""  # an existing visit or draft
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class PeopleToVisit:
    """For 走访: whom the user has picked, in one capacity (child or elder)."""

    kind: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintWanted:
    """Something to print: a form's name (empty lets the user pick) for these persons."""

    form: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinWanted:
    """For 收发: join this county with this one-time code, and exchange at once.

    ``authority`` is the file of a county that vouches for its own certificate; empty for most.
    """

    url: str
    code: str
    authority: str = ""


@dataclass(frozen=True, slots=True)
class SameAsWanted:
    """For 可能重复登记: compare this person with another, who is then looked for."""

    person: str


@dataclass(frozen=True, slots=True)
class Going:
    """Somewhere to go: a place or page by its name, and what to show there."""

    place: str
    what: object = field(default=None)


class Page(QWidget):
    """Subclasses set ``title``, ``place`` and ``help_page``, fill themselves in ``refresh`` and never block.

    The window calls ``show_what`` (when it is opened for something), ``shown`` each time it comes to the front,
    ``leaving`` before it goes to the back, and ``refresh`` after changes that ``concerns`` claims, at once when
    the page is in front and otherwise when it is next shown.
    """

    title: str = ""
    place: str = ""  # the place in the rail that is lit while this page is in front
    help_page: str = ""  # resources/help/NAME

    open_person = Signal(str)
    open_visit = Signal(object)  # VisitWanted
    open_print = Signal(object)  # PrintWanted
    go = Signal(object)  # Going
    go_back = Signal()
    prefer = Signal(object)  # app.settings.Preferences to wear from now on
    lock = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setObjectName(self.place or type(self).__name__)
        self.setAccessibleName(self.title)

    def show_what(self, what: object) -> None:
        """Show this person, visit or selection; pages that are opened for nothing in particular ignore it."""

    def shown(self) -> None:
        """The page has come to the front."""

    def leaving(self) -> None:
        """The page is about to go to the back: keep what was typed as a draft. Nothing is ever asked here."""
        commit_composition()

    def closing(self) -> None:
        """The window closes: leave what can be gone on with the next time."""

    def concerns(self, changes: Changes) -> bool:
        """Whether these changes may alter what the page shows."""
        return True

    def refresh(self) -> None:
        """Read again what is shown."""

    def key(self, keys: str, act: Callable[[], object]) -> QShortcut:
        """A key that works anywhere on this page."""
        shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: act())
        return shortcut
