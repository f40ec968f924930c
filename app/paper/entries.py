"""What a record says, as the words and boxes of a form."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from functools import lru_cache

from app.clock import CHINA
from app.paper.blocks import Cell, Text, Tick, answer, label, ticks, value
from app.paper.fonts import Face
from app.paper.masking import masked_number, masked_phone
from app.records.codes import Code, code_list
from app.records.dates import chinese_date
from app.records.record import Kind, Record

MASKED = {
    "id_number": masked_number,
    "student_number": masked_number,
    "disability_card": masked_number,
    "phones": masked_phone,
    "institution_phone": masked_phone,
    "institution_landline": masked_phone,
}
DAY_TO_WRITE = Text("　　 年 　 月 　 日")
NOT_APPLICABLE = "—"


class Entries:
    """One record on one form. ``red`` says whether its empty required fields are to be shown."""

    def __init__(self, record: Record, *, masked: bool = False, red: bool = False) -> None:
        self.record, self.masked, self.red = record, masked, red

    def words(self, name: str) -> str:
        """The field in words; "" when it is empty."""
        field = self.record.spec.field(name)
        found = getattr(self.record, name)
        if found is None or found == ():
            return ""
        if field.kind in (Kind.CHOICE, Kind.CHOICES):
            codes = found if isinstance(found, tuple) else (found,)
            return "、".join(code_list(field.of).label(code) for code in codes)
        if isinstance(found, tuple):
            return "、".join(self._shown(name, item) for item in found)
        return self._shown(name, found)

    def _shown(self, name: str, found: str | int | bool | date | datetime) -> str:
        if isinstance(found, bool):
            return "是" if found else "否"
        if isinstance(found, datetime):
            return chinese_date(found.astimezone(CHINA).date())
        if isinstance(found, date):
            return chinese_date(found)
        hide = MASKED.get(name)
        return hide(str(found)) if hide and self.masked else str(found)

    def cell(self, name: str, span: int, *, required: bool = False) -> Cell:
        """The field on one line, or on as many as it takes; an empty day has room for a pen."""
        words = self.words(name)
        need = self._need(name, required)
        if not words and self.record.spec.field(name).kind is Kind.DAY:
            return Cell((DAY_TO_WRITE,), span, missing=need)
        return value(words, span, need=need)

    def long(self, name: str, span: int, *, required: bool = False) -> Cell:
        """The field as several lines from the top."""
        return answer(self.words(name), span, need=self._need(name, required))

    def boxes(
        self,
        name: str,
        span: int,
        *,
        required: bool = False,
        only: Collection[str] = (),
        offered: Callable[[str], str] = lambda code: code,
    ) -> Cell:
        """The field's choices as boxes. ``only`` offers some of them, and ``offered`` says which of these stands
        for a code."""
        field = self.record.spec.field(name)
        found = getattr(self.record, name)
        if field.kind is Kind.FLAG:
            return ticks(yes_no(found), span, need=self._need(name, required))
        chosen = found if isinstance(found, tuple) else (found,) if found else ()
        marked = tuple(sorted({offered(code) for code in chosen}))
        boxes = _boxes(field.of, marked, tuple(only))
        return ticks(boxes, span, need=self._need(name, required))

    def pair(
        self, name: str, span: int, *, title: str = "", label_span: int = 3, required: bool = False
    ) -> tuple[Cell, Cell]:
        """What is asked, and the answer beside it."""
        asked = label(title or self.record.spec.field(name).label, label_span)
        return asked, self.cell(name, span, required=required)

    def choice(
        self,
        name: str,
        span: int,
        *,
        title: str = "",
        label_span: int = 3,
        required: bool = False,
        only: Collection[str] = (),
        offered: Callable[[str], str] = lambda code: code,
    ) -> tuple[Cell, Cell]:
        """What is asked, and the boxes to tick beside it."""
        asked = label(title or self.record.spec.field(name).label, label_span)
        return asked, self.boxes(name, span, required=required, only=only, offered=offered)

    def story(
        self, name: str, span: int, *, title: str = "", label_span: int = 3, required: bool = False
    ) -> tuple[Cell, Cell]:
        """What is asked, and several lines of answer beside it."""
        asked = label(title or self.record.spec.field(name).label, label_span)
        return asked, self.long(name, span, required=required)

    def _need(self, name: str, required: bool) -> str:
        return self.record.spec.field(name).label if required and self.red else ""


def yes_no(found: bool | None) -> tuple[Tick, Tick]:
    """是 and 否; neither is ticked while it is not known."""
    return Tick("是", found is True), Tick("否", found is False)


@lru_cache(maxsize=5_000)
def _boxes(list_name: str, marked: tuple[str, ...], only: tuple[str, ...]) -> tuple[Tick, ...]:
    """Boxes for a list's choices; a code that is no longer offered, or not known here, is added when it is meant."""
    offered = [item for item in code_list(list_name) if _is_offered(item, marked, only)]
    known = {item.code for item in offered}
    boxes = [Tick(item.short, item.code in marked) for item in offered]
    return tuple(boxes + [Tick(code_list(list_name).label(code), True) for code in marked if code not in known])


def _is_offered(item: Code, marked: tuple[str, ...], only: tuple[str, ...]) -> bool:
    if item.code in marked:
        return True
    return item.code in only if only else item.retired_on is None


def birth_words(record: Record) -> str:
    """The date of birth as precisely as it is known, and the lunar one that the family goes by."""
    born: date | None = getattr(record, "birth_date", None)
    if born is None:
        return ""
    precision = getattr(record, "birth_precision", None)
    if precision == "year":
        return f"{born.year}年"
    return f"{born.year}年{born.month}月" if precision == "month" else chinese_date(born)


def kai(words: str) -> Text:
    """Words that were filled in."""
    return Text(words, Face.KAI)
