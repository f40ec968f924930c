"""Write one row of an import into drafts: the person, the profile, the kin, the household."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.cases.import_plan import Draft, FieldChange, ImportedRow, Outcome, told
from app.cases.known_people import (
    FATHER,
    MOTHER,
    KnownPeople,
    Token,
    household_tokens,
    numbers,
    parents_token,
    same_name_or_sound,
)
from app.records.child import Child
from app.records.elder import Elder
from app.records.household import Household
from app.records.ids import new_id
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.record import Record, Value

PROFILES: Mapping[str, type[Record]] = {"child": Child, "elder": Elder}
PARENTS = (("father", FATHER, "父亲", "1"), ("mother", MOTHER, "母亲", "2"))
IDENTITY = ("id_type", "id_number", "id_state", "id_to_verify", "id_text")
BIRTH = ("birth_date", "birth_precision", "birth_source", "lunar_text")
UNSPOKEN = frozenset({"org", "household", "subject", "relative", "head", "birth_source", "id_state"})


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody in the row beside the person it is about: values of the person, and of the tie to them."""

    id: str
    label: str
    person: dict[str, Value]
    tie: dict[str, Value]


@dataclass(slots=True)
class Work:
    """What all rows of an import share: who is known, and the drafts made so far."""

    known: KnownPeople
    profiles: Mapping[str, Record]
    kind: str
    today: date
    drafts: dict[tuple[str, str], Draft] = field(default_factory=dict)

    def draft(self, cls: type[Record], id_: str, loaded: Record | None = None) -> Draft:
        """The draft of a record, shared by all rows that touch it."""
        key = (cls.spec.name, id_)
        if key not in self.drafts:
            self.drafts[key] = Draft(cls, id_, loaded)
        return self.drafts[key]

    def number_of(self, person: str) -> Value:
        """The ID number of somebody, as the register or an earlier row has it."""
        draft = self.drafts.get(("person", person))
        if draft:
            return draft.now("id_number")
        known = self.known.persons.get(person)
        return known.id_number if known else None


@dataclass(slots=True)
class RowWriter:
    """Writes one row into drafts: the person, the profile, the kin, the household."""

    work: Work
    row: ImportedRow
    id: str
    org: str
    is_new: bool = field(init=False)
    changes: list[FieldChange] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.is_new = self.id not in self.work.known.persons or self.id not in self.work.profiles

    def write(self) -> tuple[Outcome, tuple[FieldChange, ...], tuple[str, ...]]:
        """What becomes of the row, what changes in words, and what should be looked at afterwards."""
        known = self.work.known
        household_values = dict(self.row.household)
        subject = {name: value for name, value in self.row.subject.items() if name != "village"}
        tokens = self._family_tokens(household_values)
        kin = self._kin(tokens, subject, household_values)
        household = self._household(kin, household_values)
        self._subject(subject, household)
        for relative in kin:
            self._person(relative.id, relative.label, relative.person, household)
            self._tie(relative)
            known.add_to_family(relative.id, relative.person.get("name"), tokens)
        outcome = Outcome.NEW if self.is_new else Outcome.CHANGED if self.changes else Outcome.SAME
        return outcome, tuple(self.changes), tuple(self.remarks)

    def _family_tokens(self, household: Mapping[str, Value]) -> set[Token]:
        row = self.row
        tokens: set[Token] = set()
        for values in (row.father, row.mother, row.caregiver, household):
            tokens |= {("phone", number) for number in numbers(values.get("phones"))}
        group = row.subject.get("village_group")
        tokens |= household_tokens({"village_group": group, **household})
        return tokens | parents_token(row.father.get("name"), row.mother.get("name"))

    # The kin

    def _kin(
        self, tokens: set[Token], subject: dict[str, Value], household: dict[str, Value]
    ) -> list[Relative]:
        found = []
        for part, relation, label, sex in PARENTS:
            values = dict(getattr(self.row, part))
            if "name" not in values:
                self._keep_nameless(label, values, subject, household)
                continue
            person, tie = _split(values)
            person.setdefault("sex", sex)
            id_ = self._relative(person, tokens, relation)
            found.append(Relative(id_, label, person, {"relation": relation, **tie}))
        caregiver = self._caregiver(found, tokens, subject, household)
        return [*found, caregiver] if caregiver else found

    def _caregiver(
        self, parents: list[Relative], tokens: set[Token], subject: dict[str, Value], household: dict[str, Value]
    ) -> Relative | None:
        """The caregiver of the row; None when there is none, or when it is one of the parents."""
        values = dict(self.row.caregiver)
        relation, name = values.get("relation"), values.get("name")
        for parent in parents:
            if relation == parent.tie["relation"] or (name and name == parent.person["name"]):
                more, _ = _split(values)
                parent.person.update({name: value for name, value in more.items() if name not in parent.person})
                parent.tie["is_caregiver"] = True
                return None
        if not name:
            self._keep_nameless("监护照料人", values, subject, household)
            return None
        if relation is None:
            self.remarks.append("没写监护照料人和儿童的关系，以后请补上")
        person, tie = _split(values)
        id_ = self._relative(person, tokens, str(relation or ""))
        return Relative(id_, "监护照料人", person, {"is_caregiver": True, **tie})

    def _relative(self, person: Mapping[str, Value], tokens: Iterable[Token], relation: str) -> str:
        """The same person as in a sibling's row or in the register, or a new one."""
        known, name = self.work.known, person["name"]
        if id_ := known.numbered(person) or known.kin_named(self.id, name):
            return id_
        for token in sorted(tokens):
            id_ = known.in_family.get((name, token), "")
            if id_ and not self._has_other_number(id_, person):
                return id_
        registered = known.relative(self.id, relation) if relation in (FATHER, MOTHER) else ""
        if registered and registered in known.persons:
            before = known.persons[registered].name
            if same_name_or_sound(before, name) and not self._has_other_number(registered, person):
                return registered
            self.remarks.append(f"台账里登记的是「{before}」，表里是「{name}」，两个都留着，请核对")
        return new_id()

    def _has_other_number(self, id_: str, person: Mapping[str, Value]) -> bool:
        number, other = self.work.number_of(id_), person.get("id_number")
        return bool(number and other and number != other)

    def _keep_nameless(
        self, label: str, values: Mapping[str, Value], subject: dict[str, Value], household: dict[str, Value]
    ) -> None:
        """Somebody without a name is no person yet: phones go to the household, the rest into the note."""
        if phones := _set(values.get("phones")):
            household["phones"] = tuple(sorted({*_set(household.get("phones")), *phones}))
        fields = {**Person.spec.by_name, **Kinship.spec.by_name}
        rest = [
            f"{fields[name].label}：{told(fields[name], value)}"
            for name, value in values.items()
            if name in fields and name not in UNSPOKEN and name != "phones"
        ]
        if rest:
            note = f"{label}（没写姓名）{'，'.join(rest)}"
            subject["note"] = f"{subject['note']}；{note}" if subject.get("note") else note

    # The household

    def _household(self, kin: Sequence[Relative], values: dict[str, Value]) -> str:
        """The family's household: the person's own, the one with this number or head, or that of the kin."""
        known = self.work.known
        group = self.row.subject.get("village_group")
        tokens = household_tokens({"village_group": group, **values})
        found = [known.household_of.get(self.id, "")]
        alike = [known.household_by.get(token, "") for token in sorted(tokens)]
        found += [id_ for id_ in alike if self._may_live_at(id_, values)]
        found += [known.household_of.get(relative.id, "") for relative in kin]
        id_ = next(filter(None, found), "")
        if not id_ and not values and not kin:
            return ""
        id_ = id_ or new_id()
        named = values.get("head_name")
        head = next((relative.id for relative in kin if relative.person["name"] == named), None)
        draft = self.work.draft(Household, id_, known.households.get(id_))
        self._note(draft, "家庭", {"org": self.org, "village_group": group, "head": head, **values})
        known.add_household(id_, {"village_group": group, **values})
        return id_

    def _may_live_at(self, household: str, values: Mapping[str, Value]) -> bool:
        """Two heads of one name in one village group live at two addresses."""
        draft = self.work.drafts.get(("household", household))
        known = self.work.known.households.get(household)
        address = draft.now("address") if draft else known.address if known else None
        return not (address and values.get("address") and address != values["address"])

    # The person, the profile, the tie

    def _subject(self, values: dict[str, Value], household: str) -> None:
        profile = PROFILES[self.work.kind]
        own = {name: value for name, value in values.items() if name in profile.spec.by_name}
        self._person(self.id, "本人", {n: v for n, v in values.items() if n not in own}, household)
        loaded = self.work.profiles.get(self.id)
        if loaded is None:
            own.setdefault("registered_on", self.work.today)
        self._note(self.work.draft(profile, self.id, loaded), "本人", own)

    def _person(self, id_: str, label: str, values: Mapping[str, Value], household: str) -> None:
        known = self.work.known
        draft = self.work.draft(Person, id_, known.persons.get(id_))
        group = self.row.subject.get("village_group")
        place: dict[str, Value] = {} if draft.now("org") else {"org": self.org, "village_group": group}
        if household and not draft.now("household"):
            place["household"] = household
        is_first = draft.loaded is None and not draft.values
        self._note(draft, label, {**place, **_sensible(draft, values)})
        if is_first:
            known.add(id_, draft.values)
        if household:
            known.household_of.setdefault(id_, household)

    def _tie(self, relative: Relative) -> None:
        loaded = self.work.known.kinships.get(self.id, {}).get(relative.id)
        draft = self.work.draft(Kinship, loaded.id if loaded else f"{self.id}>{relative.id}", loaded)
        ends: dict[str, Value] = {} if loaded else {"subject": self.id, "relative": relative.id}
        self._note(draft, relative.label, {**ends, **relative.tie})

    def _note(self, draft: Draft, label: str, values: Mapping[str, Value]) -> None:
        """Lay values over a draft and keep what changed, in words, for the preview."""
        changed = draft.put(values)
        if self.is_new and draft.loaded is None:
            return
        fields = draft.cls.spec.by_name
        for name, before, after in changed:
            if name not in UNSPOKEN:
                field_ = fields[name]
                change = FieldChange(label, name, field_.label, told(field_, before), told(field_, after))
                self.changes.append(change)


def _split(values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """A relative's values: those of the person and those of the tie."""
    ties = Kinship.spec.by_name
    person = {name: value for name, value in values.items() if name not in ties}
    return person, {name: value for name, value in values.items() if name in ties}


def _sensible(draft: Draft, values: Mapping[str, Value]) -> dict[str, Value]:
    """A row's values without those that know less than the register: a doubtful number, a rougher birth date."""
    kept = dict(values)
    if draft.now("id_number") and kept.get("id_to_verify"):
        for name in IDENTITY:
            kept.pop(name, None)
    if kept.get("id_number") and draft.now("id_to_verify"):
        draft.values.update(id_to_verify=None, id_text=None)
    born = draft.now("birth_date")
    rougher = kept.get("birth_precision") in ("month", "year") and draft.now("birth_precision") == "day"
    if born and (born == kept.get("birth_date") or rougher or kept.get("birth_source") == "id_card"):
        for name in BIRTH:
            kept.pop(name, None)
    return kept


def _set(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
