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


def _emergency(context: Context) -> Page:
    from ui.pages.emergency import EmergencyPage

    return EmergencyPage(context)


def _settings(context: Context) -> Page:
    from ui.pages.settings import SettingsPage

    return SettingsPage(context)


PLACES: tuple[Place, ...] = (
    Place("today", "今日", "today", _today),
    Place("settings", "设置", "settings", _settings),
    Place("emergency", "", "emergency", _emergency),
)
