"""Stores to measure in: a village of 2,000 persons, and a country of 100,000 with twelve visits each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from app.cases.agenda import default_planner
from app.clock import FixedClock
from app.policy.access import Actor
from app.records import Child, ChildVisit, Elder, ElderVisit, Household, Kinship, Person
from app.records.ids import new_id
from app.records.record import Record
from app.store.workspace import Workspace, create_store, open_store
from app.training import names, places

PASSPHRASE = "四个词的口令甲乙"
NOW = FixedClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
TODAY = NOW.today()
ACTOR = Actor("bench", "测速员", "child_director", places.VILLAGE)
VILLAGES = 50
PERSONS_EACH = 2_000
VISITS_EACH = 12
LIVING = "和爷爷奶奶一起住，房屋安全，吃穿由老人照管，屋里收拾得干净。" * 2
RISKS = ("low",) * 6 + ("medium",) * 3 + ("high",)


def village_org(number: int) -> str:
    """Fifty villages below one county of the practice country."""
    return f"53990{1 + number // 10}{number % 10:03d}201"


def persons(org: str, count: int, chance: Random) -> list[Person]:
    """Invented people of a village, in groups of about a hundred."""
    made = []
    for n in range(count):
        sex = chance.choice("12")
        old = n % 4 == 3
        born = date(1938 + chance.randrange(18), 1, 1) if old else date(2009 + chance.randrange(16), 1, 1)
        born += timedelta(days=chance.randrange(365))
        made.append(
            Person(
                id=new_id(), org=org, name=names.adult(chance, names.surname(chance), sex), sex=sex, birth_date=born,
                birth_precision="day", village_group=f"{n * 20 // count + 1}组", ethnic_group="01",
                phones=(f"139{chance.randrange(10**8):08d}",), current_address=f"{n}号", stamps={"*": "e1:1"},
            )
        )  # fmt: skip
    return made


def profile(person: Person, chance: Random) -> Child | Elder:
    """A child's or an elder's, by age, with a risk for every tenth."""
    assert person.birth_date
    if person.birth_date.year < 1970:
        return Elder(id=person.id, categories=("alone",), risk_level=chance.choice(RISKS), stamps={"*": "e1:2"})
    return Child(
        id=person.id, categories=("left_behind_rural",), risk_level=chance.choice(RISKS), schooling="1",
        registered_on=date(2024, 9, 1), stamps={"*": "e1:2"},
    )  # fmt: skip


def visits(who: Child | Elder, chance: Random, count: int = VISITS_EACH) -> Iterator[ChildVisit | ElderVisit]:
    """So many visits at uneven distances, the last one some weeks ago."""
    day = TODAY - timedelta(days=chance.randrange(60))
    for _ in range(count):
        if isinstance(who, Child):
            yield ChildVisit(
                id=new_id(), subject=who.id, visited_on=day, mode="home", outcome="met", visitors=("测速员",),
                child_seen=True, injuries="none", mood="calm", living=LIVING, family="父亲在外打工。",
                guardianship="奶奶照看。", mind="爱画画。", schooling="1", stamps={"*": "e1:3"},
            )  # fmt: skip
        else:
            yield ElderVisit(
                id=new_id(), subject=who.id, visited_on=day, mode="home", outcome="met", visitors=("测速员",),
                elder_seen=True, falls=0, mood="calm", health="fair", note=LIVING, stamps={"*": "e1:3"},
            )  # fmt: skip
        day -= timedelta(days=20 + chance.randrange(40))


def lay_village(store: Workspace, org: str, count: int, seed: int) -> list[Person]:
    """Put a village down as a first exchange would."""
    chance = Random(seed)
    people = persons(org, count, chance)
    profiles = [profile(person, chance) for person in people]
    laid: dict[type[Record], list[Record]] = {Person: [*people]}
    for each in profiles:
        laid.setdefault(type(each), []).append(each)
        for visit in visits(each, chance):
            laid.setdefault(type(visit), []).append(visit)
    with store.transaction() as work:
        for cls, records in laid.items():
            work.lay(cls, records)
    return people


def country(folder: Path) -> Path:
    """100,000 persons with 1,200,000 visits; made once, then used again."""
    done = folder / "made"
    if not done.exists():
        store = made(folder / "desk")
        store._db.execute("PRAGMA synchronous = OFF")  # a bench that is made once need not survive a power cut
        for number in range(VILLAGES):
            lay_village(store, village_org(number), PERSONS_EACH, number)
        store._db.execute("ANALYZE")
        store.close()
        done.write_text("made")
    return folder / "desk"


def village(folder: Path, count: int = PERSONS_EACH) -> Path:
    """One village with households and kin."""
    store = made(folder)
    people = lay_village(store, places.VILLAGE, count, 7)
    homes = [Household(id=new_id(), org=places.VILLAGE, address=f"{n}号") for n in range(count // 4)]
    ties = [
        Kinship(id=new_id(), subject=child.id, relative=elder.id, relation="62", is_caregiver=True)
        for child, elder in zip(people[::4], people[3::4], strict=True)
    ]
    with store.transaction() as work:
        work.lay(Household, homes)
        work.lay(Kinship, ties)
    store.close()
    return folder


def made(folder: Path) -> Workspace:
    """A new workspace."""
    post = places.post(places.VILLAGE, "child_director")
    planner = default_planner()
    return create_store(folder, PASSPHRASE, post=post, holder_name="测速员", clock=NOW, planner=planner).store


def reopened(folder: Path) -> Workspace:
    """The workspace again."""
    return open_store(folder, PASSPHRASE, clock=NOW, planner=default_planner())
