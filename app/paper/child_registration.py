"""儿童基本信息登记表: the first page of a child's file. Fields: domain.md 2.6.1 and 2.7; layout ours (5.2)."""

from __future__ import annotations

from app.paper import parts
from app.paper.blocks import Band, Cell, Composition, Heading, Note, Photo, Row, label, row, value
from app.paper.entries import NOT_APPLICABLE, Entries, birth_words, kai
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.sheets import FATHER, GRANDPARENTS, MOTHER, ChildFile, Relative
from app.records.kinship import Kinship
from app.records.person import Person

MAIN_HEALTH = ("10", "20", "22", "30", "60", "80")
GONE = ("dead", "declared_missing")
NOTES = (
    "填表说明：1. 义务教育阶段离校的填“辍学”，十四至十六周岁不在学校的填“不在学”。"
    "2. 父母、祖父母、外祖父母已去世的，姓名照填，其余栏填“—”。"
    "3. 监护情况：较好，监护职责落实好；一般，基本落实但有隐患；差，无人监护、监护人没有能力或能力不足，"
    "已经出现或者可能出现偏差。4. 没有证件号码的如实填写证件情况，不影响登记。",
)


def compose(file: ChildFile, setting: Setting) -> Composition:
    """Two pages of one child."""
    red, masked = bool(file.person.id), bool(setting.masked)
    person = Entries(file.person, masked=masked, red=red)
    child = Entries(file.child, masked=masked, red=red)
    bands = (
        _identity(file, person),
        _class(child),
        _health(person),
        _school(child),
        _parent("父亲", file.related(FATHER), masked),
        _parent("母亲", file.related(MOTHER), masked),
        _grandparents(file),
        _guardianship(file, child, masked),
        _help(file, child, masked),
        _signatures(),
    )
    number = child.words("child_number") or "　" * 6
    unit = f"填报单位（盖章）：{setting.unit}"
    heading = Heading(FORM.title, unit, parts.filled_on(setting), f"编号：{number}")
    return Composition(heading, bands, Note(NOTES), footer=f"表样 {FORM.version}")


def _identity(file: ChildFile, person: Entries) -> Band:
    numbered = file.person.id_state not in ("no_hukou", "id_pending")
    rows = (
        row(
            *person.pair("name", 7, title="姓　名", required=True),
            *person.choice("sex", 6, title="性　别", label_span=4, required=True, only=("1", "2")),
        ),
        row(
            *parts.birth(file, person, 7),
            *person.pair("ethnic_group", 6, title="民　族", label_span=4, required=True),
        ),
        row(*person.pair("lunar_text", 7), *person.pair("phones", 6, label_span=4)),
        row(*person.pair("id_type", 7, required=numbered), *person.pair("other_names", 6, label_span=4)),
        row(*person.pair("id_number", 7, required=numbered), *person.choice("id_state", 11)),
        row(*person.choice("hukou_class", 9, required=True), *person.choice("hukou_nature", 9)),
        row(*parts.registered_address(file, person, 21)),
        row(*parts.current_address(file, person, 21)),
    )
    return Band(rows, "基本情况", Photo("照　片", 4, 4))


def _class(child: Entries) -> Band:
    rows = (
        row(*child.choice("categories", 21, required=True)),
        row(
            *child.choice("risk_level", 12),
            *child.choice("priority_watch", 6),
        ),
    )
    return Band(rows, "类别")


def _health(person: Entries) -> Band:
    rows = (
        row(*person.choice("health", 21, required=True, only=MAIN_HEALTH, offered=_main_health)),
        row(*person.choice("disability_types", 12), *person.choice("disability_level", 6)),
        row(label("患病情况"), value(_illnesses(person), 12), *person.pair("disability_card", 6)),
    )
    return Band(rows, "健康")


def _main_health(code: str) -> str:
    """GB/T 2261.3 counts sorts of chronic illness as 3x and 4x, of disability as 6x."""
    if code[:1] in ("3", "4"):
        return "30"
    return "60" if code[:1] == "6" else code


def _illnesses(person: Entries) -> str:
    found = (person.words(name) for name in ("serious_illnesses", "chronic_illnesses", "health_other"))
    return "；".join(words for words in found if words)


def _school(child: Entries) -> Band:
    rows = (
        row(*child.choice("schooling", 15, required=True), *child.choice("boards_at_school", 3)),
        row(
            *child.pair("school", 5, title="学　校"),
            *child.pair("grade", 4, title="年　级"),
            *child.pair("student_number", 6),
        ),
    )
    return Band(rows, "就学")


def _parent(name: str, relative: Relative | None, masked: bool) -> Band:
    person = Entries(relative.person if relative else Person(), masked=masked)
    kinship = Entries(relative.kinship if relative else Kinship())
    gone = relative is not None and relative.kinship.situation in GONE
    rows = (
        row(
            *person.pair("name", 5, title="姓　名"),
            label("出生日期"),
            _or_dash(birth_words(person.record), 5, gone),
            *_dashed(person.pair("phones", 5), gone),
        ),
        row(
            *_dashed(person.pair("id_number", 8), gone),
            *_dashed(person.pair("work_place", 10, title="务工地点"), gone),
        ),
        row(*kinship.choice("situation", 21)),
        row(
            *kinship.pair("situation_since", 5),
            *kinship.pair("situation_until", 5),
            *_dashed(person.pair("health", 5), gone),
        ),
    )
    return Band(rows, name)


def _or_dash(words: str, span: int, gone: bool) -> Cell:
    return value(words or (NOT_APPLICABLE if gone else ""), span)


def _dashed(pair: tuple[Cell, Cell], gone: bool) -> tuple[Cell, Cell]:
    """A dead parent's further fields are struck with a dash when they are empty (domain.md, 2.7)."""
    asked, answered = pair
    if gone and not answered.pieces:
        return asked, Cell((kai(NOT_APPLICABLE),), answered.span)
    return pair


def _grandparents(file: ChildFile) -> Band:
    cells: list[Cell] = []
    for word, code in GRANDPARENTS.items():
        relative = file.related(code)
        born = birth_words(relative.person) if relative else ""
        known = relative.person.name or "" if relative else ""
        cells += [label(word, 3), value(known, 4), label("出生", 2), value(born, 3)]
    return Band((Row(tuple(cells[:8])), Row(tuple(cells[8:]))), "祖辈")


def _guardianship(file: ChildFile, child: Entries, masked: bool) -> Band:
    carer = file.caregiver
    person = Entries(carer.person if carer else Person(), masked=masked)
    relation = parts.relation_words(carer.kinship.relation) if carer else ""
    address = parts.current_words(_as_file(carer)) if carer else ""
    rows = (
        row(
            *child.choice("guardianship_grade", 6, required=True),
            *child.choice("single_parent", 3),
            *child.pair("single_parent_reason", 6),
        ),
        row(*child.choice("guardianship_type", 21)),
        row(*child.choice("improper_guardianship", 21, title="监护不当")),
        row(*child.choice("caregiver_reason", 21, title="委托原因")),
        row(
            *person.pair("name", 5, title="照料人"),
            label("与儿童关系"),
            value(relation, 5),
            *person.pair("phones", 5),
        ),
        row(*person.pair("id_number", 8), label("住　址"), value(address, 10)),
        row(*child.choice("has_caregiver", 5, title="有受托人"), *child.pair("last_parent_contact_on", 13)),
    )
    return Band(rows, "监护照料")


def _as_file(relative: Relative) -> ChildFile:
    return ChildFile(person=relative.person)


def _help(file: ChildFile, child: Entries, masked: bool) -> Band:
    household = file.household
    head = household.head_name or "" if household else ""
    members = str(household.member_count) if household and household.member_count else ""
    rows = (
        row(label("户　主"), value(head, 5), label("家庭人口"), value(members, 5), *child.pair("registered_on", 5)),
        row(*child.choice("economy_sources", 21, title="经济来源")),
        row(*child.choice("help_measures", 21, required=True)),
        row(*child.choice("special_conditions", 21, title="特殊情况")),
        row(*child.choice("support_recommendations", 21)),
        row(*child.story("living_summary", 21, title="生活状况"), height=30),
        row(*child.story("note", 21), height=18),
    )
    return Band(rows, "家庭帮扶")


def _signatures() -> Band:
    cells = (
        parts.signature("填表人（儿童主任）：", 8),
        parts.signature("复核人（儿童督导员）：", 8),
        parts.signature("单位负责人：", 8, seal=True),
    )
    return Band((parts.signing_row(*cells),), "签字")


FORM = PrintedForm(
    name="child_registration",
    title="儿童基本信息登记表",
    version="2026-11",
    subject=Subject.CHILD,
    handling=Handling.AUTHORITY,
    compose=compose,
    blank=ChildFile(),
)
