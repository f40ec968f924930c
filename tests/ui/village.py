"""An invented village in a real store, small enough to know everybody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from app.clock import FixedClock
from app.policy.access import Actor
from app.records.child import Child
from app.records.child_visit import ChildVisit
from app.records.elder import Elder
from app.records.elder_visit import ElderVisit
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.store import Post, create_store
from app.store.roll import RollDue, RollFacts
from app.store.workspace import Workspace

ORG = "530602101203"
TODAY = date(2026, 3, 5)
NOW = datetime(2026, 3, 5, 1, 30, tzinfo=UTC)


ME = Actor("me", "陆大桥", "child_director", ORG)


def plan(facts: RollFacts) -> RollDue | None:
    """High risk is due every fortnight; nobody else."""
    if facts.risk_level != "high":
        return None
    return RollDue("2026-02-24", "home", "high-14", "高风险，每半个月走访一次")


def make(folder: Path) -> Workspace:
    """A store with one family, some neighbours and two visits."""
    store = create_store(
        folder / "workspace",
        "四个词的口令甲乙",
        post=Post(ORG, "child_director", "王家寨村"),
        holder_name="陆大桥",
        clock=FixedClock(NOW),
        planner=plan,
    ).store
    store.save(ME, *((None, record) for record in (*_family(), *_neighbours())))
    store.save(ME, (None, _last_visit()), (None, _last_elder_visit()))
    return store


def person(id_: str, name: str, sex: str, birth: date | None, group: str = "三组", **more: object) -> Person:
    """One invented person of the village."""
    return Person(id=id_, org=ORG, name=name, sex=sex, birth_date=birth, village_group=group, ethnic_group="07", **more)  # type: ignore[arg-type]


def _family() -> list[object]:
    home = Household(
        id="h1",
        org=ORG,
        village_group="三组",
        head="gm",
        head_name="罗有珍",
        address="王家寨三组 17 号",
        phones=("13900000003",),
    )
    live: dict[str, object] = {"household": "h1", "current_address": "王家寨三组 17 号"}
    return [
        home,
        person("c1", "王小满", "2", date(2015, 5, 21), phones=("13900000003",), relation_to_head="40", **live),
        person("c2", "王大寒", "1", date(2018, 1, 20), relation_to_head="40", **live),
        person("gm", "罗有珍", "2", date(1952, 8, 3), phones=("13900000003",), relation_to_head="02", **live),
        person("fa", "王建军", "1", date(1986, 2, 1), phones=("13900000004",), work_place="广东东莞"),
        person("mo", "阿·木·乃", "2", date(1988, 7, 7)),
        Child(
            id="c1",
            categories=("left_behind_rural",),
            risk_level="high",
            schooling="1",
            grade="p5",
            school="王家寨小学",
            registered_on=date(2025, 9, 1),
            boards_at_school=False,
        ),
        Child(id="c2", categories=("left_behind_rural",), risk_level="medium", schooling="1", grade="p2"),
        Elder(id="gm", categories=("left_behind",), risk_level="medium"),
        *(
            Kinship(id=f"k{n}{child}", subject=child, relative=relative, relation=relation, **about)  # type: ignore[arg-type]
            for child in ("c1", "c2")
            for n, (relative, relation, about) in enumerate(
                [
                    ("fa", "51", {"situation": "working_away", "is_guardian": True}),
                    ("mo", "52", {"situation": "lost_contact"}),
                    ("gm", "62", {"is_caregiver": True, "lives_with": True}),
                ]
            )
        ),
    ]


def _neighbours() -> list[object]:
    names = ["李䶮", "赵一一", "钱多多", "孙三三", "周小四", "吴小五", "郑小六", "王芳", "冯小八", "陈小九"]
    people = [
        person(f"n{n}", name, "12"[n % 2], date(2012 + n % 6, 1 + n, 3), f"{'一二'[n % 2]}组")
        for n, name in enumerate(names)
    ]
    return [
        *people,
        *(
            Child(
                id=each.id, categories=("ordinary",), risk_level="low" if n % 3 else "none", schooling="1", grade="p6"
            )
            for n, each in enumerate(people)
        ),
    ]


def _last_visit() -> ChildVisit:
    return ChildVisit(
        id="v1",
        subject="c1",
        visited_on=date(2026, 2, 10),
        mode="home",
        purpose="routine",
        outcome="met",
        visitors=("陆大桥",),
        place="家里",
        child_seen=True,
        injuries="none",
        mood="calm",
        child_is_with="奶奶",
        informant="罗有珍",
        informant_relation="62",
        informant_address="王家寨三组 17 号",
        last_parent_contact_on=date(2026, 2, 8),
        living="和奶奶、弟弟住，吃穿由奶奶照管。",
        family="父亲在东莞打工，每月寄 800 元。",
        guardianship="奶奶照看，身体还好。",
        mind="话不多，爱画画。",
        guardian_opinion="希望过年能见到爸爸。",
        schooling="1",
        schooling_detail="王家寨小学五年级",
        typed_by="陆大桥",
        finished_at=NOW,
    )


def _last_elder_visit() -> ElderVisit:
    return ElderVisit(
        id="e1",
        subject="gm",
        visited_on=date(2026, 2, 10),
        mode="home",
        outcome="met",
        visitors=("陆大桥",),
        elder_seen=True,
        falls=0,
        mood="calm",
        health="fair",
        takes_medicine="regular",
        diet="good",
        sleep="fair",
        living_with="孙女、孙子",
        typed_by="陆大桥",
        finished_at=NOW,
    )
