"""What a person's values look like in a cell of a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from app.exchange.headings import part_fields
from app.exchange.reading import FORMULA_MARKS
from app.exchange.values import clean
from app.records.codes import code_list
from app.records.dates import full_age
from app.records.divisions import short_name
from app.records.family_values import FamilyValues, in_word
from app.records.record import Field, Value

Written = str | int | date | None
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "household.phones": ("caregiver.phones", "father.phones", "mother.phones", "subject.phones"),
    "subject.phones": ("household.phones",),
    "household.address": ("subject.current_address", "subject.registered_address"),
    "subject.current_address": ("household.address",),
    "household.village_group": ("subject.village_group",),
}
"""Where else a value may stand that the table asks for; the first that is filled is taken."""


def written(row: FamilyValues, target: str, kind: str, today: date) -> Written:
    """What the row has for a target such as "father.phones"; None when it has nothing there."""
    for place in (target, *ELSEWHERE.get(target, ())):
        part, _, name = place.partition(".")
        values: Mapping[str, Value] = getattr(row, part)
        found = _special(values, name, today) if name in SPECIAL else _plain(values, name, part_fields(kind, part))
        if found not in (None, ""):
            return found
    return None


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet program might run the text instead of showing it."""
    return text.startswith(tuple(FORMULA_MARKS))


def in_words(field: Field, value: Value) -> Written:
    """A value as people write it: labels for codes, 是 and 否, several phones in one cell."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, date)) or value is None:
        return value
    if isinstance(value, tuple):
        return "、".join(in_word(field, item) for item in value) or None
    return clean(in_word(field, value)) or None


def _plain(values: Mapping[str, Value], name: str, fields: Mapping[str, Field]) -> Written:
    name, _, code = name.partition("=")
    value = values.get(name)
    if code:
        return ("是" if isinstance(value, tuple) and code in value else "否") if values else None
    if name == "id_number" and not value:
        return in_words(fields["id_text"], values.get("id_text"))
    return in_words(fields[name], value) if name in fields else None


def _special(values: Mapping[str, Value], name: str, today: date) -> Written:
    if name == "age":
        born = values.get("birth_date")
        return full_age(born, today) if isinstance(born, date) else None
    if name == "village":
        return short_name(str(values["org"])) if values.get("org") else None
    if name == "name+phones":
        phones = values.get("phones")
        return " ".join([str(values.get("name") or ""), *(phones if isinstance(phones, tuple) else ())]).strip()
    kinds = values.get("disability_types")
    types = [code_list("disability_type").label(kind) for kind in (kinds if isinstance(kinds, tuple) else ())]
    level = values.get("disability_level")
    return "、".join(types) + (code_list("disability_level").label(str(level)) if level else "")


SPECIAL = frozenset({"age", "village", "name+phones", "disability"})


def is_number_text(target: str) -> bool:
    """Whether a column holds digits that must stay text: IDs, phones, cards."""
    return bool(re.search(r"number|phone|card", target))
