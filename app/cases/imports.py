"""Plan an import against the register, carry it out in one go, take it back as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.cases.import_places import Places
from app.cases.import_plan import (
    NEW,
    SKIP,
    Candidate,
    ImportedRow,
    ImportPlan,
    Outcome,
    Place,
    RowPlan,
)
from app.cases.import_rows import PROFILES, RowWriter, Work
from app.cases.known_people import KnownPeople
from app.errors import UserError
from app.policy import access
from app.policy.access import Actor
from app.records.ids import new_id
from app.records.record import Record, Value
from app.store.reader import Reader
from app.store.repository import Store
from app.store.results import Changes, Undone


def plan_import(
    reader: Reader,
    rows: Iterable[ImportedRow],
    actor: Actor,
    today: date,
    *,
    kind: str = "child",
    decisions: Mapping[Place, str] | None = None,
) -> ImportPlan:
    """What importing the rows would do; nothing is written.

    ``decisions`` says for doubtful rows whose row it is: a person's id, ``NEW`` or ``SKIP``; rows without one are
    held back. Raises NotAllowed.
    """
    access.require(actor, access.Action.WRITE, kind, actor.org)
    profiles = {record.id: record for record in reader.every(PROFILES[kind])}
    work = Work(KnownPeople.of(reader), profiles, kind, today)
    planner = _Planner(work, Places(*actor.served), decisions or {})
    planned = tuple(planner.plan(row) for row in rows)
    return ImportPlan(kind, actor.org, planned, tuple(work.drafts.values()))


def apply_import(store: Store, actor: Actor, plan: ImportPlan) -> Changes:
    """Write a plan in one transaction and one batch, which ``undo_import`` takes back as a whole."""
    access.require(actor, access.Action.WRITE, plan.kind, plan.org)
    edits = [(draft.loaded, draft.record()) for draft in plan.drafts if draft.loaded is None or draft.values]
    if not edits:
        return Changes()
    changed = [loaded for loaded, _ in edits if loaded is not None]
    _require_unchanged(store, changed)
    return store.save(actor, *edits, verb="import")


def undo_import(store: Store, actor: Actor, batch: str) -> Undone:
    """Take back a whole import; what was changed since by hand stays and is named."""
    return store.undo(actor, batch)


def _require_unchanged(store: Store, loaded: Sequence[Record]) -> None:
    """Between preview and import somebody may have worked: what the user was shown must still hold."""
    for cls in {type(record) for record in loaded}:
        mine = {record.id: record for record in loaded if type(record) is cls}
        now = store.many(cls, mine)
        if any(now.get(id_) != record for id_, record in mine.items()):
            raise UserError("还没有导入，台账没有任何改动。预览以后有人改过台账。", advice="请重新预览一次再导入。")


@dataclass(slots=True)
class _Planner:
    """Goes through the rows once, remembering whom earlier rows have brought."""

    work: Work
    places: Places
    decisions: Mapping[Place, str]
    rows_of: dict[str, ImportedRow] = field(default_factory=dict)

    def plan(self, row: ImportedRow) -> RowPlan:
        notes = tuple(str(problem) for problem in row.problems)
        to_verify = any(problem.severity == "unverified" for problem in row.problems)
        refusals = [str(problem) for problem in row.problems if problem.severity == "refused"]
        org, misplaced = self.places.find(row.subject.get("village"))
        refusals += [misplaced] if misplaced else _same_number_twice(row)
        if refusals:
            return RowPlan(row, Outcome.REFUSED, reasons=tuple(refusals), to_verify=to_verify)
        person, candidates, reason = self._whose(row)
        if reason:
            outcome = Outcome.DOUBTFUL if candidates else Outcome.REFUSED
            return RowPlan(row, outcome, candidates=candidates, reasons=(reason, *notes), to_verify=to_verify)
        writer = RowWriter(self.work, row, person or new_id(), org)
        outcome, changes, remarks = writer.write()
        self.rows_of[writer.id] = row
        return RowPlan(row, outcome, writer.id, changes, (), (*notes, *remarks), to_verify)

    def _whose(self, row: ImportedRow) -> tuple[str, tuple[Candidate, ...], str]:
        """The person of the row ("" for a new one), or candidates and the reason to ask, or a reason to refuse."""
        decided = self.decisions.get((row.sheet, row.row_number), "")
        if decided == SKIP:
            return "", (), "您选择了不导入这一行"
        if decided:
            return "" if decided == NEW else decided, (), ""
        person, why = self._matched(row)
        if person in self.rows_of:
            other = self.rows_of[person]
            where = f"「{other.sheet}」第 {other.row_number} 行" if other.sheet else f"第 {other.row_number} 行"
            return "", (), f"和{where}是同一个人（{why}），只导入前面那一行"
        candidates = self._doubts(row, person)
        if candidates:
            return "", candidates, "；".join(dict.fromkeys(candidate.why for candidate in candidates))
        return person, (), ""

    def _matched(self, row: ImportedRow) -> tuple[str, str]:
        values = row.subject
        if person := self.work.known.numbered(values):
            return person, "证件号码一样"
        if not values.get("birth_date"):
            return self._matched_by_family(row)
        facts = (values.get("name"), values.get("sex"), values["birth_date"])
        same = [id_ for id_ in self.work.known.by_facts.get(facts, ()) if not self._has_other_number(id_, values)]
        return (same[0], "姓名、性别、出生日期一样") if len(same) == 1 else ("", "")

    def _matched_by_family(self, row: ImportedRow) -> tuple[str, str]:
        """Without a birth date: the same name and sex in one village, and a parent or caregiver of the same name."""
        values, known = row.subject, self.work.known
        kin = [part.get("name") for part in (row.mother, row.father, row.caregiver)]
        same = [
            id_
            for id_ in known.by_name.get(values.get("name"), ())
            if id_ in self.work.profiles
            and id_ in known.persons
            and known.persons[id_].sex in (values.get("sex"), None)
            and known.has_kin_named(id_, kin)
            and not self._has_other_number(id_, values)
        ]
        return (same[0], "姓名一样，家人也一样") if len(same) == 1 else ("", "")

    def _has_other_number(self, id_: str, values: Mapping[str, Value]) -> bool:
        return bool(self.work.number_of(id_) and values.get("id_number"))

    def _doubts(self, row: ImportedRow, person: str) -> tuple[Candidate, ...]:
        """People of the register who may be meant; homophones only suggest."""
        values, known = row.subject, self.work.known
        if person:
            name = known.persons[person].name or "" if person in known.persons else ""
            if not name or name == values.get("name") or person in known.sounding_like(values):
                return ()
            return (Candidate(person, name, f"证件号码和台账里的「{name}」一样，姓名不一样"),)
        found = dict.fromkeys(known.sounding_like(values), "和台账里同一天出生的人姓名同音")
        for id_ in known.by_name.get(values.get("name"), ()):
            if id_ in known.persons and id_ not in self.rows_of and (why := self._same_name(id_, row)):
                found[id_] = why
        return tuple(Candidate(id_, known.persons[id_].name or "", why) for id_, why in found.items())

    def _same_name(self, id_: str, row: ImportedRow) -> str:
        """Why somebody of the same name may be the same person although the facts do not settle it."""
        person, values = self.work.known.persons[id_], row.subject
        born, told_born = person.birth_date, values.get("birth_date")
        if person.sex and values.get("sex") and person.sex != values["sex"]:
            return ""
        if born and born == told_born:
            return "姓名、出生日期都一样，证件号码不一样"
        if not born or not isinstance(told_born, date):
            return "台账里有同名的人，出生日期不全，分不清" if id_ in self.work.profiles else ""
        near = abs((born - told_born).days) <= 31 or (born.month, born.day) == (told_born.month, told_born.day)
        return "台账里有同名的人，出生日期很接近" if near and id_ in self.work.profiles else ""


def _same_number_twice(row: ImportedRow) -> list[str]:
    """The same number for two people of one row (domain.md, 6.1); a parent may well be the caregiver."""
    owners = (("本人", row.subject), ("父亲", row.father), ("母亲", row.mother))
    seen: dict[Value, str] = {}
    for label, values in owners:
        number = values.get("id_number")
        if number and number in seen:
            return [f"{seen[number]}和{label}的证件号码是同一个，请核对"]
        seen[number] = label
    subject = row.subject.get("id_number")
    if subject and subject == row.caregiver.get("id_number"):
        return ["本人和监护照料人的证件号码是同一个，请核对"]
    return []
