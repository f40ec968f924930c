"""The register of an invented village while it is being written: persons, families, profiles, visits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, TypeVar

from app.records import Child, ChildVisit, Elder, ElderVisit, Household, Kinship, Person, Stay
from app.records.dates import full_age
from app.records.identity import check_character
from app.records.record import Record
from app.training import places

R = TypeVar("R", bound=Record)
REGISTERED_DAYS_AGO = 300
GRADES = (
    (3, "7", "not_enrolled"), (4, "7", "k1"), (5, "7", "k2"), (6, "7", "k3"), (7, "1", "p1"), (8, "1", "p2"),
    (9, "1", "p3"), (10, "1", "p4"), (11, "1", "p5"), (12, "1", "p6"), (13, "1", "j1"), (14, "1", "j2"),
    (15, "1", "j3"), (16, "1", "s1"), (17, "1", "s2"), (99, "1", "s3"),
)  # fmt: skip
"""Below this age: schooling and grade."""


@dataclass(slots=True)
class Home:
    """A household while its people are entered; the first adult is its head."""

    household: Household
    members: list[Person] = field(default_factory=list)


class Book:
    """Makes records with ids that look as if they had been made at the desk, the same ones for the same seed."""

    def __init__(self, org: str, today: date, seed: int) -> None:
        self.org = org
        self.today = today
        self.chance = Random(f"{seed}-{org}")
        self.registered_on = today - timedelta(days=REGISTERED_DAYS_AGO)
        self.records: list[Record] = []
        self.later: list[tuple[date, Record]] = []
        self.taken: set[str] = set()
        self._count = 0
        self._doors = 0

    # What everything is made of

    def new_id(self, on: date | None = None) -> str:
        """A UUIDv7 whose clock says the given day, or the day on which the village was registered."""
        self._count += 1
        instant = datetime.combine(on or self.registered_on, time(1), UTC)
        milliseconds = int(instant.timestamp()) * 1000 + self._count % 1000
        tail = self.chance.getrandbits(46) << 16 | self._count & 0xFFFF
        return f"{milliseconds << 80 | 7 << 76 | (self._count >> 4 & 0xFFF) << 64 | 2 << 62 | tail:032x}"

    def write(self, record: R) -> R:
        """Enter a record on the day of registration."""
        self.records.append(record)
        return record

    def amend(self, record: R, days_ago: int, **changes: Any) -> R:
        """Change a record afterwards, so that it has a history."""
        changed = replace(record, **changes)
        self.later.append((self.today - timedelta(days=days_ago), changed))
        return changed

    def phone(self) -> str:
        """A number that rings nowhere we know of."""
        return f"1990000{self.chance.randrange(10_000):04d}"

    def born(self, age: int) -> date:
        """A birthday with which somebody has this age today."""
        latest = self.today - timedelta(days=age * 365 + age // 4 + 2)
        return latest - timedelta(days=self.chance.randrange(360))

    def id_number(self, born: date, sex: str) -> str:
        """A number that holds together under an area code that does not exist."""
        order = self.chance.randrange(10, 99) * 10 + self.chance.randrange(0, 5) * 2 + (1 if sex == "1" else 0)
        first = f"{places.AREA}{born:%Y%m%d}{order:03d}"
        return first + check_character(first)

    # Families

    def home(self, group: str, **given: Any) -> Home:
        """A house in a village group."""
        self._doors += 1
        address = places.address(self.org, group, self._doors)
        household = Household(
            id=self.new_id(), org=self.org, village_group=group, address=address,
            household_number=f"{self._doors:04d}", **given,
        )  # fmt: skip
        return Home(household)

    def person(self, home: Home, name: str, sex: str, age: int, relation: str = "", **given: Any) -> Person:
        """Somebody of the house; ``given`` replaces what is made up otherwise."""
        born: date = given.pop("birth_date", None) or self.born(age)
        made: dict[str, Any] = {
            "org": self.org, "village_group": home.household.village_group, "ethnic_group": "01", "birth_date": born,
            "birth_precision": "day", "birth_source": "id_card", "id_type": "01", "id_state": "has_id",
            "hukou_class": "2", "hukou_nature": "rural", "registered_division": self.org,
            "registered_address": _door(home), "lives_at_registered": True,
            "household": home.household.id, "relation_to_head": relation or None, "health": "10",
        }  # fmt: skip
        if "id_number" not in given:
            made["id_number"] = self.id_number(born, sex)
        person = Person(id=self.new_id(), name=name, sex=sex, **{**made, **given})
        home.members.append(person)
        self.taken.add(name)
        return self.write(person)

    def settle(self, home: Home) -> None:
        """The house is full: its head and its size are known."""
        head = next((each for each in home.members if each.relation_to_head == "02"), home.members[0])
        self.write(
            replace(
                home.household, head=head.id, head_name=head.name, member_count=len(home.members), phones=head.phones
            )
        )

    def tie(self, subject: Person, relative: Person, relation: str, **given: Any) -> Kinship:
        """How the relative stands to the subject, in GB/T 4761."""
        made = Kinship(id=self.new_id(), subject=subject.id, relative=relative.id, relation=relation, **given)
        return self.write(made)

    def parents(self, child: Person, father: Person | None, mother: Person | None, **given: Any) -> None:
        """Both ties at once; ``given`` holds for both."""
        for parent, relation in ((father, "51"), (mother, "52")):
            if parent:
                self.tie(child, parent, relation, is_guardian=True, **given)

    # Profiles

    def child(self, person: Person, **given: Any) -> Child:
        """The child's profile; school follows from the age."""
        assert person.birth_date
        age = full_age(person.birth_date, self.today)
        schooling, grade = next((code, grade) for below, code, grade in GRADES if age < below)
        made: dict[str, Any] = {
            "registered_on": self.registered_on, "schooling": schooling, "grade": grade, "guardianship_grade": "fair",
        }  # fmt: skip
        if grade[0] in "pjs":
            made["school"] = {"p": "练习小学", "j": "练习中学", "s": "练习县高级中学"}[grade[0]]
        return self.write(Child(id=person.id, **{**made, **given}))

    def elder(self, person: Person, **given: Any) -> Elder:
        """The elder's profile."""
        made: dict[str, Any] = {
            "registered_on": self.registered_on, "self_care": "full", "medical_payments": ("resident_insurance",),
        }  # fmt: skip
        return self.write(Elder(id=person.id, **{**made, **given}))

    def stay(self, person: Person, place: str, days_ago: int, back_in: int | None, **given: Any) -> Stay:
        """Where the person is, from so many days ago until so many days from now."""
        until = self.today + timedelta(days=back_in) if back_in is not None else None
        since = self.today - timedelta(days=days_ago)
        return self.write(Stay(id=self.new_id(), subject=person.id, place=place, since=since, until=until, **given))

    # Visits

    def child_visit(self, child: Person, visitor: str, informant: Person, days_ago: int, **given: Any) -> ChildVisit:
        """A finished visit that met the child; its answers are those of a quiet day."""
        on = self.today - timedelta(days=days_ago)
        made: dict[str, Any] = {
            "visited_on": on, "mode": "home", "purpose": "routine", "outcome": "met", "visitors": (visitor,),
            "child_seen": True, "injuries": "none", "mood": "calm", "child_is_with": informant.name,
            "informant": informant.name, "informant_relation": "60", "last_parent_contact_on": on - timedelta(days=3),
            "living": "三餐正常，衣服干净，住房安全。", "family": "老人在家照看，父母按月寄钱。",
            "guardianship": "照看的人身体还好，天黑前孩子都在家。", "mind": "愿意说话，和同学相处好。",
            "guardian_opinion": "希望学校多打电话。", "schooling": "1", "schooling_detail": "按时上学。",
            "typed_by": visitor, "typed_at": _evening(on), "finished_at": _evening(on),
        }  # fmt: skip
        visit = ChildVisit(id=self.new_id(on), subject=child.id, **{**made, **given})
        self.later.append((on, visit))
        return visit

    def elder_visit(self, elder: Person, visitor: str, days_ago: int, **given: Any) -> ElderVisit:
        """A finished visit that met the elder."""
        on = self.today - timedelta(days=days_ago)
        made: dict[str, Any] = {
            "visited_on": on, "mode": "home", "purpose": "routine", "outcome": "met", "visitors": (visitor,),
            "elder_seen": True, "falls": 0, "mood": "calm", "health": "fair", "takes_medicine": "regular",
            "diet": "good", "sleep": "fair", "orientation": "clear", "living_with": "老伴", "hygiene": "good",
            "support_performed": "performed", "last_child_contact_on": on - timedelta(days=4),
            "typed_by": visitor, "typed_at": _evening(on), "finished_at": _evening(on),
        }  # fmt: skip
        visit = ElderVisit(id=self.new_id(on), subject=elder.id, **{**made, **given})
        self.later.append((on, visit))
        return visit


def _door(home: Home) -> str:
    """The address below the village, as it stands in a household register."""
    group = home.household.village_group or ""
    return group + (home.household.address or "").rpartition(group)[2]


def _evening(on: date) -> datetime:
    """When the day's visits are typed in: eight in the evening, China time."""
    return datetime.combine(on, time(12), UTC)
