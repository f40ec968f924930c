"""The colours of the desk, named for what they are for; light like paper, dark, and high contrast."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours. Every text colour reaches 4.5:1 on paper, page and rail (a test holds it)."""

    paper: str  # the window's ground
    page: str  # sheets and lists lie on it
    rail: str  # the places at the left
    field: str  # where one types
    hairline: str  # between things
    edge: str  # around a field: must be seen, 3:1
    text: str
    quiet: str  # reasons, hints, last year's answers
    accent: str  # the one colour: what is chosen, what to press
    on_accent: str
    accent_soft: str  # chosen rows
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    good: str
    good_soft: str
    practice: str  # the frame of the practice county, nowhere else


LIGHT = Colours(
    paper="#f6f4ee",
    page="#fffefb",
    rail="#edeae1",
    field="#ffffff",
    hairline="#dedace",
    edge="#8c8576",
    text="#25231f",
    quiet="#645f56",
    accent="#1b5a78",
    on_accent="#ffffff",
    accent_soft="#e0ebf0",
    danger="#a52f1d",
    danger_soft="#f9e6e1",
    warning="#7d5200",
    warning_soft="#f8edd3",
    good="#2c6638",
    good_soft="#e3efe2",
    practice="#c8660f",
)
DARK = Colours(
    paper="#1f2022",
    page="#27292b",
    rail="#191a1c",
    field="#1b1c1e",
    hairline="#3c3f43",
    edge="#7d8187",
    text="#e9e6df",
    quiet="#b0aca3",
    accent="#86bdda",
    on_accent="#0d222e",
    accent_soft="#2c414d",
    danger="#f29a88",
    danger_soft="#472a25",
    warning="#e3b765",
    warning_soft="#41351d",
    good="#93c79b",
    good_soft="#26392a",
    practice="#e58a35",
)
CONTRAST = Colours(
    paper="#000000",
    page="#000000",
    rail="#000000",
    field="#000000",
    hairline="#ffffff",
    edge="#ffffff",
    text="#ffffff",
    quiet="#ffffff",
    accent="#ffff00",
    on_accent="#000000",
    accent_soft="#003a5c",
    danger="#ffa08f",
    danger_soft="#3a0d05",
    warning="#ffd25e",
    warning_soft="#332600",
    good="#9dff9d",
    good_soft="#003300",
    practice="#ff9a3c",
)
SETS = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}


def chosen(name: str) -> Colours:
    """The colours for a preference; ``system`` asks the desktop for dark and for high contrast."""
    if name in SETS:
        return SETS[name]
    hints = QGuiApplication.styleHints()
    accessibility = getattr(hints, "accessibility", None)  # Qt 6.10 and later; older desktops build without
    if accessibility is not None and accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return CONTRAST
    return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def as_palette(colours: Colours) -> QPalette:
    """The same colours for whatever Fusion draws by itself."""
    palette = QPalette()
    role = QPalette.ColorRole
    for place, value in (
        (role.Window, colours.paper),
        (role.Base, colours.field),
        (role.AlternateBase, colours.paper),
        (role.Button, colours.page),
        (role.WindowText, colours.text),
        (role.Text, colours.text),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.page),
        (role.ToolTipText, colours.text),
        (role.Highlight, colours.accent_soft),
        (role.HighlightedText, colours.text),
        (role.PlaceholderText, colours.quiet),
        (role.Link, colours.accent),
        (role.BrightText, colours.danger),
        (role.Mid, colours.hairline),
        (role.Dark, colours.edge),
        (role.Midlight, colours.hairline),
        (role.Light, colours.page),
        (role.Shadow, colours.edge),
        (role.Accent, colours.accent),
    ):
        palette.setColor(place, QColor(value))
    for place in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, place, QColor(colours.edge))
    return palette
