"""Invented people for printed forms, with names that printing has stumbled over."""

from dataclasses import replace
from datetime import date

from app.paper.sheets import ChildFile, Column, ColumnKind, ElderFile, RegisterList, Relative, ReportFile
from app.records.child import Child
from app.records.child_visit import ChildVisit
from app.records.elder import Elder
from app.records.elder_visit import ElderVisit
from app.records.household import Household
from app.records.kinship import Kinship
from app.records.person import Person
from app.records.sheet_numbers import make

VILLAGE = "某某镇大槐树村"
ID_NUMBER = "530602201503140010"
PHONE = "13812341234"
NUMBER = make("SW", 42)


def person(name: str, **facts: object) -> Person:
    return replace(Person(id=f"person-{name}", org="530600000000", name=name), **facts)


def relative(name: str, relation: str, tie: dict[str, object] | None = None, **facts: object) -> Relative:
    kinship = replace(Kinship(id=f"tie-{name}", relation=relation), **(tie or {}))
    return Relative(person(name, **facts), kinship)


def child_file(name: str = "龙䶮", **facts: object) -> ChildFile:
    child = person(
        name,
        sex="2",
        ethnic_group="07",
        birth_date=date(2015, 3, 14),
        id_type="01",
        id_number=ID_NUMBER,
        id_state="has_id",
        hukou_class="2",
        registered_address="大槐树村3组17号",
        lives_at_registered=True,
        phones=(PHONE,),
        health="37",
        chronic_illnesses=("1型糖尿病",),
        village_group="3组",
    )
    file = ChildFile(
        person=child,
        child=Child(
            id=child.id,
            child_number="ET-0007",
            categories=("left_behind_rural",),
            risk_level="medium",
            schooling="1",
            school="大槐树村完全小学",
            guardianship_grade="fair",
            help_measures=("dibao",),
            living_summary="与奶奶、弟弟同住，砖房两间，水电正常。",
        ),
        household=Household(id="household", org="530600000000", head_name="龙大山", member_count=5),
        relatives=(
            relative("王㛃", "51", {"situation": "working_away"}, phones=("13987654321",), work_place="广东省东莞市"),
            relative("阿·木·乃", "52", {"situation": "dead", "situation_since": date(2022, 2, 3)}),
            relative("周𬭚", "62", {"is_caregiver": True}, phones=("13600002222",), id_number="530602195701010020"),
        ),
        registered_place="云南省昭通市某某县某某镇",
        current_place="云南省昭通市某某县某某镇",
        village=VILLAGE,
        visit=child_visit(),
    )
    return replace(file, **facts)


def child_visit(**facts: object) -> ChildVisit:
    visit = ChildVisit(
        id="visit",
        subject="person",
        visited_on=date(2026, 11, 20),
        mode="home",
        outcome="met",
        visitors=("李大明", "王小芳"),
        child_seen=True,
        injuries="none",
        mood="calm",
        child_is_with="奶奶",
        informant="周𬭚",
        informant_relation="62",
        last_parent_contact_on=date(2026, 11, 15),
        living="三餐按时，衣服厚薄合适。",
        family="五口人，奶奶腿脚不便。",
        guardianship="奶奶照料，父亲每周视频。",
        mind="愿意说话，睡得好。",
        guardian_opinion="愿意继续照料。",
        schooling="1",
        schooling_detail="五年级",
        actions="已联系卫生院复查。",
        next_visit_on=date(2026, 12, 20),
    )
    return replace(visit, **facts)


def elder_file(**facts: object) -> ElderFile:
    elder = person(
        "赵𠅤",
        sex="1",
        birth_date=date(1944, 7, 1),
        id_number="530602194407010031",
        phones=("13900001234",),
        current_address="大槐树村5组2号",
    )
    visit = ElderVisit(
        id="visit",
        subject=elder.id,
        visited_on=date(2026, 11, 20),
        mode="home",
        outcome="met",
        visitors=("李大明",),
        elder_seen=True,
        mood="calm",
        health="fair",
        health_note="高血压，按时吃药。",
        living_with="独自一人",
        actions="清理了门口杂物。",
    )
    profile = Elder(id=elder.id, categories=("alone",), risk_level="high")
    return replace(ElderFile(person=elder, elder=profile, visit=visit, village=VILLAGE), **facts)


def register(rows: int = 3) -> RegisterList:
    columns = (
        Column("姓名", 2),
        Column("性别", 1, ColumnKind.SHORT),
        Column("证件号码", 1, ColumnKind.ID_NUMBER),
        Column("联系电话", 1, ColumnKind.PHONE),
        Column("最近走访", 1, ColumnKind.DAY),
        Column("备注", 3),
    )
    people = tuple((f"龙小{number}", "女", ID_NUMBER, PHONE, "2026-11-01", "") for number in range(1, rows + 1))
    return RegisterList("儿童台账", columns, people, VILLAGE)


FILES = {
    "child_registration": child_file(),
    "child_visit_record": child_file(number=NUMBER),
    "elder_visit_record": elder_file(),
    "visit_sheet": child_file(number=NUMBER, visit=None, last=child_visit(), reason="高风险，该走访了，过 9 天"),
    "mandatory_report": ReportFile(child_file()),
    "register_list": register(),
}
