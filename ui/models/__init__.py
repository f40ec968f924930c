"""What big lists are shown through: keys at once, lines by page."""

from ui.models.big_table import LINE, BigTable, Fetch, Lines
from ui.models.columns import HOUSEHOLD_COLUMNS, Column, child_columns, elder_columns
from ui.models.households import HouseholdLine, HouseholdLines
from ui.models.line_delegate import LineDelegate, row_height
from ui.models.register_filter import RegisterFilter

__all__ = [
    "HOUSEHOLD_COLUMNS", "LINE", "BigTable", "Column", "Fetch", "HouseholdLine", "HouseholdLines", "LineDelegate",
    "Lines", "RegisterFilter", "child_columns", "elder_columns", "row_height",
]  # fmt: skip
