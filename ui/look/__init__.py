"""How everything looks: colours, type, icons and the few parts that every page is composed of."""

from ui.look.current import apply, changed, colour, space, type_size
from ui.look.faces import face, load_rare, missing
from ui.look.icons import icon, paint_icon
from ui.look.parts import (
    Banner,
    Chip,
    EmptyState,
    Hairline,
    Heading,
    Key,
    Label,
    RiskBadge,
    Section,
    button,
    column,
    danger_button,
    primary_button,
    quiet_button,
    row,
    scrolled,
)
from ui.look.typing import commit_composition

__all__ = [
    "Banner",
    "Chip",
    "EmptyState",
    "Hairline",
    "Heading",
    "Key",
    "Label",
    "RiskBadge",
    "Section",
    "apply",
    "button",
    "changed",
    "colour",
    "column",
    "commit_composition",
    "danger_button",
    "face",
    "icon",
    "load_rare",
    "missing",
    "paint_icon",
    "primary_button",
    "quiet_button",
    "row",
    "scrolled",
    "space",
    "type_size",
]
