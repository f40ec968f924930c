"""What tables there should be, as the record types declare them; migrations must arrive at the same.

``python -m app.store.schema`` prints the statements, for writing the next migration.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.records import RECORD_TYPES
from app.records.record import Kind, RecordType

COLUMN_TYPES: Mapping[Kind, str] = dict.fromkeys(Kind, "TEXT") | {Kind.NUMBER: "INTEGER", Kind.FLAG: "INTEGER"}

# Beside what every record table has, by what it is asked for. All of them cover their question where that is cheap.
INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "person": (("id_number",), ("name", "birth_date"), ("household",), ("org", "village_group")),
    "household": (("org", "village_group"),),
    "kinship": (("subject",), ("relative",)),
    "stay": (("subject",),),
    "child_visit": (("subject", "deleted", "outcome", "visited_on"), ("visited_on", "outcome", "deleted", "subject")),
    "elder_visit": (("subject", "deleted", "outcome", "visited_on"), ("visited_on", "outcome", "deleted", "subject")),
    "sheet": (("number",), ("person",)),
    "attachment": (("subject",),),
    "conflict": (("state",), ("about",)),
    "rejection": (("state",),),
    "proposal": (("state",),),
    "alias": (("subject",), ("other",)),
}


def columns(spec: RecordType) -> dict[str, str]:
    """Column → SQL type for one record type, bookkeeping included."""
    fields = {field.name: COLUMN_TYPES[field.kind] for field in spec.fields}
    return {
        "n": "INTEGER PRIMARY KEY",
        "id": "TEXT NOT NULL UNIQUE",
        **fields,
        "extra": "TEXT",
        "stamps": "TEXT NOT NULL",
        "deleted": "INTEGER NOT NULL DEFAULT 0",
    }


def statements(spec: RecordType) -> list[str]:
    """The CREATE statements of one record type."""
    listed = ",\n    ".join(f"{name} {kind}" for name, kind in columns(spec).items())
    made = [f"CREATE TABLE {spec.name} (\n    {listed}\n)"]
    for index in INDEXES.get(spec.name, ()):
        made.append(f"CREATE INDEX {spec.name}_by_{'_'.join(index)} ON {spec.name} ({', '.join(index)})")
    return made


if __name__ == "__main__":
    for cls in RECORD_TYPES:
        print("\n".join(f"{statement};" for statement in statements(cls.spec)))
