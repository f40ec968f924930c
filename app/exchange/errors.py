"""Why a spreadsheet cannot be taken; nothing has been written when any of these is raised."""

from __future__ import annotations

from app.errors import UserError


class SpreadsheetRefused(UserError):
    """The file cannot be read as a spreadsheet of people."""

    code = "E1"


class NotASpreadsheet(SpreadsheetRefused):
    """The file is something else, or damaged."""

    code = "E2"


class SpreadsheetTooLarge(SpreadsheetRefused):
    """The file, or what it would unfold to, is more than this program opens at once."""

    code = "E3"


class SpreadsheetEncrypted(SpreadsheetRefused):
    """The workbook has a password."""

    code = "E4"


class NoTableFound(SpreadsheetRefused):
    """No row of the workbook looks like the headings of a table."""

    code = "E5"


class TemplateRefused(SpreadsheetRefused):
    """The blank table cannot be filled."""

    code = "E6"


class NotWritten(UserError):
    """The spreadsheet could not be written there, usually because it is open in another program."""

    code = "E7"
