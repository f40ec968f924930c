"""A person with kin and household as values of record fields: what one row of a spreadsheet is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from app.records.codes import code_list
from app.records.record import Field, Kind, Value


class FamilyValues(Protocol):
    """A row read from a file, or about to be written into one."""

    @property
    def subject(self) -> Mapping[str, Value]: ...
    @property
    def father(self) -> Mapping[str, Value]: ...
    @property
    def mother(self) -> Mapping[str, Value]: ...
    @property
    def caregiver(self) -> Mapping[str, Value]: ...
    @property
    def household(self) -> Mapping[str, Value]: ...


def in_word(field: Field, item: str) -> str:
    """One value as people write it: the label of a code, anything else as it is."""
    return code_list(field.of).label(item) if field.kind in (Kind.CHOICE, Kind.CHOICES) else item
