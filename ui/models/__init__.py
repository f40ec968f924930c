"""What big lists are shown through: keys at once, lines by page."""

from ui.models.big_table import BigTable, Fetch, Lines
from ui.models.columns import HOUSEHOLD_COLUMNS, Column, child_columns, elder_columns

__all__ = ["HOUSEHOLD_COLUMNS", "BigTable", "Column", "Fetch", "Lines", "child_columns", "elder_columns"]
