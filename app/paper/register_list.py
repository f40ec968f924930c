"""台账: a list across A4, with numbered rows and its head on every page."""

from __future__ import annotations

from collections.abc import Sequence

from app.paper.blocks import SMALL_SIZE, Align, Band, Cell, Composition, Heading, Note, Row, Text
from app.paper.entries import kai
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.masking import masked_number, masked_phone
from app.paper.sheets import ChildFile, Column, ColumnKind, ElderFile, PersonFile, RegisterList
from app.records.codes import code_list
from app.records.dates import chinese_date

LIST_WIDTH = 267.0
NUMBER_WIDTH = 9.5
FIXED = {ColumnKind.ID_NUMBER: 38.5, ColumnKind.PHONE: 25.0, ColumnKind.DAY: 23.5}
"""Millimetres in which 18 digits, 11 digits and a day stand on one line."""
HIDE = {ColumnKind.ID_NUMBER: masked_number, ColumnKind.PHONE: masked_phone}
CENTRED = (ColumnKind.SHORT, ColumnKind.DAY)
NOTES = ("内部资料，按规定保管，不张贴、不公示、不外传。",)

COLUMNS = (
    Column("姓名", 1.1), Column("性别", 0.6, ColumnKind.SHORT), Column("出生日期", 1, ColumnKind.DAY),
    Column("证件号码", 1, ColumnKind.ID_NUMBER), Column("村民小组", 0.9), Column("类别", 1.6),
    Column("风险", 0.9, ColumnKind.SHORT), Column("联系人", 1.1), Column("电话", 1, ColumnKind.PHONE),
    Column("现住址", 2.4),
)  # fmt: skip
"""What a village keeps on paper, the same from the window and from the command line."""


def listed(files: Sequence[PersonFile], *, elders: bool, place: str = "") -> RegisterList:
    """The list of children or of elders; ``place`` stands before its title."""
    title = f"{place}{'老年人' if elders else '儿童'}台账"
    return RegisterList(title, COLUMNS, tuple(_words(file) for file in files))


def _words(file: PersonFile) -> tuple[str, ...]:
    """One row; a child is reached through who looks after it, an elder directly."""
    person, household = file.person, file.household
    profile = file.elder if isinstance(file, ElderFile) else file.child if isinstance(file, ChildFile) else None
    categories = code_list("elder_category" if isinstance(file, ElderFile) else "child_category")
    contact = file.caregiver.person if file.caregiver and not isinstance(file, ElderFile) else person
    return (
        person.name or "",
        code_list("sex").short(person.sex),
        person.birth_date.isoformat() if person.birth_date else "",
        person.id_number or person.id_text or "",
        person.village_group or "",
        "、".join(categories.short(code) for code in profile.categories) if profile else "",
        code_list("risk_level").label(profile.risk_level) if profile else "",
        contact.name or "",
        "、".join(contact.phones or person.phones or (household.phones if household else ())),
        person.current_address or (household.address if household else "") or "",
    )


def compose(table: RegisterList, setting: Setting) -> Composition:
    """The whole list; the shortest row is 8 mm, long cells grow it."""
    widths = (NUMBER_WIDTH, *_widths(table.columns))
    head = Row((_head("序号"), *(_head(column.heading) for column in table.columns)))
    rows = tuple(_row(number, table.columns, words, bool(setting.masked)) for number, words in enumerate(table.rows, 1))
    day = f"打印日期：{chinese_date(setting.today)}" if setting.today else ""
    left = table.subtitle or f"填报单位：{setting.unit}"
    heading = Heading(table.title, left, f"共 {len(rows)} {table.counted}", day)
    head_band, body = Band((head,), widths=widths), Band(rows, widths=widths)
    return Composition(
        heading,
        (head_band, body),
        Note(NOTES),
        repeated=head_band,
        footer=f"表样 {FORM.version}",
        name_column=False,
    )


def _widths(columns: tuple[Column, ...]) -> list[float]:
    """Millimetres: the fixed ones first, the rest shared by weight."""
    fixed = sum(FIXED.get(column.kind, 0.0) for column in columns)
    weights = sum(column.wide for column in columns if column.kind not in FIXED)
    unit = max(LIST_WIDTH - NUMBER_WIDTH - fixed, LIST_WIDTH / 4) / weights if weights else 0.0
    return [FIXED.get(column.kind, column.wide * unit) for column in columns]


def _head(words: str) -> Cell:
    return Cell((Text(words),), 1, Align.CENTRE, SMALL_SIZE)


def _row(number: int, columns: tuple[Column, ...], words: tuple[str, ...], masked: bool) -> Row:
    cells = (_list_cell(column, text, masked) for column, text in zip(columns, words, strict=True))
    return Row((Cell((Text(str(number)),), 1, Align.CENTRE, SMALL_SIZE), *cells))


def _list_cell(column: Column, words: str, masked: bool) -> Cell:
    hide = HIDE.get(column.kind)
    if masked and hide and words:
        words = "、".join(hide(number) for number in words.split("、"))
    align = Align.CENTRE if column.kind in CENTRED else Align.LEFT
    return Cell((kai(words),) if words else (), 1, align, SMALL_SIZE)


FORM = PrintedForm(
    name="register_list",
    title="台账",
    version="2026-11",
    subject=Subject.LIST,
    handling=Handling.AUTHORITY,
    compose=compose,
    landscape=True,
)
