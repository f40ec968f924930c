"""The sentences with which a file is refused: that nothing changed, what is the matter, what to do."""

from __future__ import annotations

from app.exchange.errors import NotASpreadsheet, SpreadsheetEncrypted, SpreadsheetTooLarge

UNCHANGED = "台账没有任何改动。"
SAVE_AS_XLSX = "请用 WPS 或 Excel 打开它，另存为 .xlsx 再导入。"
SPLIT_IT = "请把它分成几个小一些的表，或者只把有内容的部分复制到一个新表，再导入。"
ASK_AGAIN = "请向给您文件的人重新要一份。"


def encrypted() -> SpreadsheetEncrypted:
    """For a workbook with a password."""
    return SpreadsheetEncrypted(
        f"{UNCHANGED}这个表格加了密码，读不出来。",
        advice="请用 WPS 或 Excel 输密码打开它，去掉密码，另存一份再导入。",
    )


def damaged() -> NotASpreadsheet:
    """For a file that begins like a spreadsheet and does not go on like one."""
    return NotASpreadsheet(f"{UNCHANGED}这个表格坏了，或者不是真正的表格，读不出来。", advice=SAVE_AS_XLSX)


def not_a_spreadsheet(guess: str) -> NotASpreadsheet:
    """For a file of another kind; ``guess`` says which."""
    return NotASpreadsheet(
        f"{UNCHANGED}这个文件不是电子表格，{guess}。",
        advice="请选 .xlsx、.xls 或 .csv 的表格；压缩包请先解开。",
    )


def bomb() -> SpreadsheetTooLarge:
    """For a file that would unfold to far more than it is."""
    return SpreadsheetTooLarge(f"{UNCHANGED}这个文件打开后会大得不正常，所以没有打开它。", advice=ASK_AGAIN)


def too_wide(columns: int) -> SpreadsheetTooLarge:
    """For a table with more columns than any ledger has."""
    return SpreadsheetTooLarge(f"{UNCHANGED}这个表格的内容一直排到第 {columns} 列，太宽了。", advice=SPLIT_IT)


def too_many_cells() -> SpreadsheetTooLarge:
    """For a table whose cells do not fit into the memory of an old laptop."""
    return SpreadsheetTooLarge(f"{UNCHANGED}这个表格的格子太多，一次读不下。", advice=SPLIT_IT)
