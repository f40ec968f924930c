"""走访单: the sheet that goes along on the day's round, filled in by hand and typed in afterwards by its number."""

from __future__ import annotations

from app.paper import child_visit_record, elder_visit_record, parts
from app.paper.blocks import Align, Band, Cell, Composition, Heading, Note, Row, Tick, label, row, value
from app.paper.entries import Entries, kai
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.sheets import ChildFile, ElderFile
from app.records.child_visit import ChildVisit
from app.records.dates import chinese_date, full_age
from app.records.elder_visit import ElderVisit
from app.records.person import Person

SAME = Tick("与上次相同")
ASK_AGAIN = "“安全必问”各项每次都要重新问、重新看。右上角的表号用来录入，请不要涂改。"
CHILD_NOTES = ("发现疑似伤害：先打 110，不等审批，回来再填表。" + ASK_AGAIN,)
ELDER_NOTES = ("发现紧急情况：先救助、先报告，再填表。" + ASK_AGAIN,)


def compose(file: ChildFile | ElderFile, setting: Setting) -> Composition:
    """One page for one visit; identity and telephone numbers are masked, for a bag can be lost."""
    if isinstance(file, ElderFile):
        return _elder_sheet(file, setting)
    return _child_sheet(file, setting)


def _child_sheet(file: ChildFile, setting: Setting) -> Composition:
    visit = Entries(ChildVisit())
    bands = (
        _child(file, setting),
        _last(file.last, bool(file.person.id), ("concern_note", "actions", "next_visit_on")),
        _this_child_visit(visit),
        _child_safety(visit),
        _findings(visit),
        _conclusions(visit),
        Band((parts.signing_row(*_signatures("走访人：", "被访人：")),), "签字"),
    )
    heading = Heading("儿童走访单", f"村（社区）：{file.village}", _reason(file.reason))
    return Composition(heading, bands, Note(CHILD_NOTES), number=file.number, footer=f"表样 {FORM.version}")


def _elder_sheet(file: ElderFile, setting: Setting) -> Composition:
    visit = Entries(ElderVisit())
    bands = (
        _elder(file, setting),
        _last(file.last, bool(file.person.id), ("health_note", "actions", "next_visit_on")),
        elder_visit_record.circumstances(visit),
        elder_visit_record.safety(visit, met=False),
        elder_visit_record.body(visit, met=False),
        elder_visit_record.life(visit, met=False),
        _elder_conclusions(visit),
        Band((parts.signing_row(*_signatures("探访人：", "老人或家属：")),), "签字"),
    )
    heading = Heading("老年人探访单", f"村（社区）：{file.village}", _reason(file.reason))
    return Composition(heading, bands, Note(ELDER_NOTES), number=file.number, footer=f"表样 {FORM.version}")


def _reason(reason: str) -> str:
    return f"走访原因：{reason}" if reason else ""


def _age(person: Person, setting: Setting) -> str:
    """The age instead of the birthday, which would give away what the mask hides."""
    if person.birth_date is None or setting.today is None:
        return ""
    return f"{full_age(person.birth_date, setting.today)} 岁"


def _child(file: ChildFile, setting: Setting) -> Band:
    masked = bool(setting.masked)
    person, carer = Entries(file.person, masked=masked), file.caregiver
    carer_person = Entries(carer.person if carer else Person(), masked=masked)
    relation = parts.relation_words(carer.kinship.relation) if carer else ""
    child = Entries(file.child)
    rows = (
        _who(person, file.person, setting),
        row(*person.pair("id_number", 8, title="身份证号"), *child.pair("risk_level", 10)),
        row(label("住　址"), value(_address(file), 13), *person.pair("village_group", 5)),
        row(
            *carer_person.pair("name", 5, title="照料人"),
            label("与儿童关系"),
            value(relation, 5),
            *carer_person.pair("phones", 5),
        ),
    )
    return Band(rows, "儿童")


def _elder(file: ElderFile, setting: Setting) -> Band:
    person, elder = Entries(file.person, masked=bool(setting.masked)), Entries(file.elder)
    rows = (
        _who(person, file.person, setting),
        row(*person.pair("id_number", 8, title="身份证号"), *person.pair("phones", 10)),
        row(label("住　址"), value(_address(file), 13), *person.pair("village_group", 5)),
        row(*elder.pair("categories", 13, title="困难类别"), *elder.pair("risk_level", 5)),
    )
    return Band(rows, "老人")


def _who(person: Entries, record: Person, setting: Setting) -> Row:
    return row(
        *person.pair("name", 9, title="姓　名"),
        *person.pair("sex", 3, title="性　别"),
        label("年　龄"),
        value(_age(record, setting), 3),
    )


def _address(file: ChildFile | ElderFile) -> str:
    """As short as the worker needs it who knows the village."""
    person, household = file.person, file.household
    near = person.current_address or (person.registered_address if person.lives_at_registered else None)
    return near or (household.address if household else None) or parts.current_words(file)


def _last(visit: ChildVisit | ElderVisit | None, known: bool, names: tuple[str, ...]) -> Band:
    """What the last visit left behind, in one box; ``known`` is False on a blank sheet."""
    if visit is None:
        return Band((row(label("上次走访"), value("没有上次走访的记录。" if known else "", 21)),), "上次")
    entries = Entries(visit)
    told = (f"{entries.record.spec.field(name).label}：{entries.words(name)}" for name in names if entries.words(name))
    day = chinese_date(visit.visited_on) if visit.visited_on else ""
    words = "　".join(told) or "没有发现问题。"
    return Band((row(label("上次走访"), Cell((kai(f"{day}　{words}"),), 21)),), "上次")


def _this_child_visit(visit: Entries) -> Band:
    rows = (
        row(*visit.pair("visited_on", 6), *visit.choice("mode", 12)),
        row(*visit.choice("outcome", 21)),
        row(
            *visit.pair("informant", 5, title="问询对象"),
            *visit.pair("informant_relation", 4, title="与儿童关系"),
            *visit.pair("last_parent_contact_on", 6, title="与父母联系"),
        ),
    )
    return Band(rows, "本次")


def _child_safety(visit: Entries) -> Band:
    rows = (
        row(*visit.choice("child_seen", 4, title="见到孩子"), *visit.choice("injuries", 14, title="有无伤情")),
        row(*visit.choice("mood", 21)),
        row(*visit.pair("child_is_with", 21, title="谁在照看")),
    )
    return Band(rows, "安全必问")


def _findings(visit: Entries) -> Band:
    stories = child_visit_record.STORIES.items()
    rows = [Row((label(title), Cell((SAME,), 21, Align.TOP)), 12.5) for _, (title, _) in stories]
    school = row(*visit.choice("schooling", 13), *visit.pair("schooling_detail", 5, title="就学情况"))
    return Band((*rows, school), "情况")


def _conclusions(visit: Entries) -> Band:
    rows = (
        row(*visit.choice("concerns", 21)),
        Row((label("说明和措施"), Cell((), 21)), 15),
        row(
            *visit.choice("priority_watch", 5, title="重点关注"),
            *visit.pair("next_visit_on", 12, title="下次走访日期", label_span=4),
        ),
    )
    return Band(rows, "结论")


def _elder_conclusions(visit: Entries) -> Band:
    rows = (
        row(*visit.choice("needs", 21)),
        Row((label("说明和措施"), Cell((), 21)), 15),
        row(
            *visit.choice("risk_level", 10, title="风险等级"),
            *visit.pair("next_visit_on", 7, title="下次探访日期", label_span=4),
        ),
    )
    return Band(rows, "结论")


def _signatures(worker: str, visited: str) -> tuple[Cell, Cell]:
    return parts.signature(worker, 10), parts.signature(visited, 14, fingerprint=True)


FORM = PrintedForm(
    name="visit_sheet",
    title="走访单",
    version="2026-11",
    subject=Subject.PERSON,
    handling=Handling.CARRIED,
    compose=compose,
    blank=ChildFile(),
)
