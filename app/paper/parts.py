"""The parts that several forms share: addresses, relatives, places to sign."""

from __future__ import annotations

from app.paper.blocks import Cell, Mark, Row, Text, Tick, label, value
from app.paper.entries import Entries, birth_words, kai
from app.paper.forms import Setting
from app.paper.sheets import PersonFile
from app.records.codes import code_list
from app.records.dates import chinese_date

DATE_TO_SIGN = "　　 年 　 月 　 日"
SIGNING_HEIGHT = 18.0


def registered_address(file: PersonFile, person: Entries, span: int) -> tuple[Cell, Cell]:
    """户籍所在地 in one line: the division, then the rest."""
    words = f"{file.registered_place}{file.person.registered_address or ''}"
    return label("户籍所在地"), value(words, span, need="户籍所在地" if person.red else "")


def current_words(file: PersonFile) -> str:
    """Where the person lives, as far as it is written down."""
    household = file.household.address if file.household and file.household.address else ""
    if file.person.lives_at_registered and not file.person.current_address:
        return f"{file.registered_place}{file.person.registered_address or ''}" or household
    return f"{file.current_place}{file.person.current_address or ''}" or household


def current_address(file: PersonFile, person: Entries, span: int) -> tuple[Cell, Cell]:
    """现居住地, with a box for those who live where they are registered."""
    same = file.person.lives_at_registered is True
    words = "" if same else current_words(file)
    tick = Tick("同户籍所在地", same)
    need = "现居住地" if person.red and not (words or same) else ""
    return label("现居住地"), Cell((tick, kai(words)) if words else (tick,), span, missing=need)


def birth(file: PersonFile, person: Entries, span: int) -> tuple[Cell, Cell]:
    """出生日期, as precisely as it is known."""
    words = birth_words(file.person)
    if not words and not person.red:
        return label("出生日期"), person.cell("birth_date", span)
    return label("出生日期"), value(words, span, need="出生日期" if person.red else "")


def relation_words(code: str | None) -> str:
    """The word for a relation in GB/T 4761."""
    return code_list("relation").label(code) if code else ""


def signature(words: str, span: int, *, fingerprint: bool = False, seal: bool = False) -> Cell:
    """A place to sign, with the date; many grandparents put their finger instead of a name."""
    mark = Mark.FINGERPRINT if fingerprint else Mark.SEAL if seal else Mark.NONE
    return Cell((Text(words),), span, mark=mark, foot=DATE_TO_SIGN)


def signing_row(*cells: Cell) -> Row:
    """Places to sign side by side."""
    return Row(cells, SIGNING_HEIGHT)


def filled_on(setting: Setting) -> str:
    """填表日期, printed when the day is known, else left to the pen."""
    return f"填表日期：{chinese_date(setting.today) if setting.today else DATE_TO_SIGN}"
