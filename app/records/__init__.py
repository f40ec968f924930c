"""What we keep: one definition per record type, and the list of them."""

from __future__ import annotations

from app.errors import UnknownType
from app.records.alias import Alias
from app.records.attachment import Attachment
from app.records.child import Child
from app.records.child_visit import ChildVisit
from app.records.conflict import Conflict
from app.records.elder import Elder
from app.records.elder_visit import ElderVisit
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.proposal import Proposal
from app.records.record import Record
from app.records.rejection import Rejection
from app.records.sheet import Sheet
from app.records.stay import Stay

RECORD_TYPES: tuple[type[Record], ...] = (
    Person,
    Household,
    Kinship,
    Child,
    Elder,
    Stay,
    ChildVisit,
    ElderVisit,
    Sheet,
    Attachment,
    Conflict,
    Rejection,
    Proposal,
    Alias,
)
BY_NAME = {cls.spec.name: cls for cls in RECORD_TYPES}


def record_type(name: str) -> type[Record]:
    """The class of a record type's name; UnknownType when there is none."""
    try:
        return BY_NAME[name]
    except KeyError:
        names = "、".join(BY_NAME)
        raise UnknownType(f"什么都没有改动。没有叫 {name} 的记录种类。", advice=f"可用的有：{names}。") from None


__all__ = [
    "BY_NAME", "RECORD_TYPES", "Alias", "Attachment", "Child", "ChildVisit", "Conflict", "Elder", "ElderVisit",
    "Household", "Kinship", "Person", "Proposal", "Record", "Rejection", "Sheet", "Stay", "record_type",
]  # fmt: skip
