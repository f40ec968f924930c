"""Read identity numbers out of cells: a damaged or wrong one keeps the person, and the cell's own text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from app.exchange.reading import Cell, has_lost_digits, text_of
from app.exchange.values import EMPTY, Reading, Severity, clean, is_nothing
from app.records.codes import code_list
from app.records.identity import IdKind, IdReading, examine
from app.records.record import Value

ID_TYPES: Mapping[IdKind, str] = {
    IdKind.RESIDENT: "01",
    IdKind.HMT_RESIDENT: "hmt_residence_permit",
    IdKind.FOREIGN_RESIDENT: "foreign_permanent",
    IdKind.BIRTH_CERTIFICATE: "birth_certificate",
    IdKind.PASSPORT: "passport",
}
LONGEST_KEPT = 60


def read_identity(cell: Cell) -> Reading:
    """The fields that an ID cell gives: a number that holds together, or the cell's text marked 证件号待核."""
    text = clean(text_of(cell))
    if not text or is_nothing(text):
        return EMPTY
    if state := code_list("id_state").code_of(text):
        return Reading({"id_state": state})
    found = examine(text, stored_as_number=has_lost_digits(cell))
    if not found.ok:
        return _unverified(text, found)
    if found.kind is IdKind.DISABILITY_CARD:
        card: dict[str, Value] = {"disability_card": found.normalised}
        return Reading({**card, **_verified("01", found.normalised[:18], found)})
    return Reading(_verified(ID_TYPES.get(found.kind, "other"), found.normalised, found))


def _verified(id_type: str, number: str, found: IdReading) -> dict[str, Value]:
    values: dict[str, Value] = {"id_type": id_type, "id_number": number, "id_state": "has_id"}
    return values | _told(found.birth_date, found.sex)


def _unverified(text: str, found: IdReading) -> Reading:
    born = found.birth_date or (_birth_of_damaged(text) if found.damaged else None)
    values: dict[str, Value] = {"id_to_verify": True, "id_text": text[:LONGEST_KEPT]}
    reasons = "；".join(found.reasons)
    return Reading(values | _told(born, None), f"{reasons}。人照样登记，标为「证件号待核」", Severity.UNVERIFIED)


def _told(born: date | None, sex: str | None) -> dict[str, Value]:
    """What the number says of its holder, kept apart: it fills gaps and is compared, it never overwrites."""
    values: dict[str, Value] = {}
    if born:
        values["_birth"] = born
    if sex:
        values["_sex"] = sex
    return values


def _birth_of_damaged(text: str) -> date | None:
    """A number keeps its first 15 digits, and the birth date is among them."""
    digits = re.sub(r"\D", "", text)
    try:
        return date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])) if len(digits) == 18 else None
    except ValueError:
        return None


def settle(values: dict[str, Value]) -> list[tuple[str, str]]:
    """Compare a person's values with what the ID number told, and fill gaps from it; (field, message) pairs.

    Real registers hold errors, so a disagreement is a warning and both stay (domain.md, 6.1).
    """
    born, sex = values.pop("_birth", None), values.pop("_sex", None)
    problems: list[tuple[str, str]] = []
    if isinstance(born, date):
        if values.get("birth_date") is None:
            values.update(birth_date=born, birth_precision="day", birth_source="id_card")
        elif not _same_day(values["birth_date"], born, values.get("birth_precision")):
            problems.append(("birth_date", f"和身份证上的 {born.isoformat()} 不一样，请核对"))
    if sex and values.get("sex") is None:
        values["sex"] = sex
    elif sex and values["sex"] in ("1", "2") and values["sex"] != sex:
        problems.append(("sex", "和身份证号码不一样，请核对"))
    return problems


def _same_day(told: Value, born: date, precision: Value) -> bool:
    if not isinstance(told, date) or precision == "year":
        return isinstance(told, date) and told.year == born.year
    return (told.year, told.month) == (born.year, born.month) if precision == "month" else told == born
