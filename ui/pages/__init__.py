"""The places of the window, in the order of the rail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ui.context import Context
from ui.pages.page import Page


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its name, its word in the rail (empty for pages reached from others), its icon and how it is built.

    Pages are built when they are first opened, so that opening the desk costs only 今日.
    """

    name: str
    word: str
    picture: str
    build: Callable[[Context], Page]


def _today(context: Context) -> Page:
    from ui.pages.today import TodayPage

    return TodayPage(context)


def _register(context: Context) -> Page:
    from ui.pages.register import RegisterPage

    return RegisterPage(context)


def _person(context: Context) -> Page:
    from ui.pages.person import PersonPage

    return PersonPage(context)


def _new_person(context: Context) -> Page:
    from ui.pages.new_person import NewPersonPage

    return NewPersonPage(context)


def _visits(context: Context) -> Page:
    from ui.pages.visits import VisitsPage

    return VisitsPage(context)


def _visit(context: Context) -> Page:
    from ui.pages.visit import VisitPage

    return VisitPage(context)


def _exchange(context: Context) -> Page:
    from ui.pages.exchange import ExchangePage

    return ExchangePage(context)


def _printing(context: Context) -> Page:
    from ui.pages.printing import PrintingPage

    return PrintingPage(context)


def _exports(context: Context) -> Page:
    from ui.pages.exporting import ExportPage

    return ExportPage(context)


def _imports(context: Context) -> Page:
    from ui.pages.imports import ImportsPage

    return ImportsPage(context)


def _emergency(context: Context) -> Page:
    from ui.pages.emergency import EmergencyPage

    return EmergencyPage(context)


def _settings(context: Context) -> Page:
    from ui.pages.settings import SettingsPage

    return SettingsPage(context)


def _bin(context: Context) -> Page:
    from ui.pages.bin import BinPage

    return BinPage(context)


def _twice(context: Context) -> Page:
    from ui.pages.twice import TwicePage

    return TwicePage(context)


PLACES: tuple[Place, ...] = (
    Place("today", "今日", "today", _today),
    Place("register", "台账", "register", _register),
    Place("visits", "走访", "visits", _visits),
    Place("printing", "打印", "printing", _printing),
    Place("exchange", "收发", "exchange", _exchange),
    Place("settings", "设置", "settings", _settings),
    Place("visit", "", "visits", _visit),
    Place("person", "", "person", _person),
    Place("new_person", "", "add", _new_person),
    Place("imports", "", "import", _imports),
    Place("exports", "", "export", _exports),
    Place("emergency", "", "emergency", _emergency),
    Place("bin", "", "bin", _bin),
    Place("twice", "", "people", _twice),
)
