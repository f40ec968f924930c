"""儿童入户走访记录表: what was found at one visit. Fields: domain.md 2.6.3 (* required) and design.md; layout ours."""

from __future__ import annotations

from app.paper import parts
from app.paper.blocks import Align, Band, Cell, Composition, Heading, Note, Row, Text, label, row, value
from app.paper.entries import Entries, birth_words, kai
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.sheets import ChildFile
from app.records.child_visit import ChildVisit

STORIES = {
    "living": ("生活状况", "（衣食住行和日用）"),
    "family": ("家庭状况", "（成员、健康、收入、财产）"),
    "guardianship": ("监护状况", ""),
    "mind": ("精神状况", ""),
    "guardian_opinion": ("监护人意见", ""),
}
"""The long answers of the national form, with what they are about (domain.md, 2.6.3); 200 characters each."""
NOTES = (
    "说明：问询对象签名，不会写字的按手印。满八周岁的儿童愿意签名的，请本人签名。"
    "有疑似受到侵害的情形，先拨打 110，再填《侵害未成年人案件强制报告登记表》。",
)


def compose(file: ChildFile, setting: Setting) -> Composition:
    """One visit, written or to be written."""
    masked = bool(setting.masked)
    visit = Entries(file.visit or ChildVisit(), red=file.visit is not None)
    met = file.visit is not None and file.visit.outcome == "met"
    bands = (
        subject(file, Entries(file.person, masked=masked), Entries(file.child)),
        circumstances(visit),
        safety(visit, met),
        inquiry(visit, met),
        findings(visit, met, height=18.0),
        conclusions(visit, height=40.0),
        signatures(),
    )
    heading = Heading(FORM.title, f"村（社区）：{file.village}", "", f"儿童编号：{file.child.child_number or '　' * 6}")
    return Composition(heading, bands, Note(NOTES), number=file.number, footer=f"表样 {FORM.version}")


def subject(file: ChildFile, person: Entries, child: Entries) -> Band:
    """Whom the visit is about."""
    rows = (
        row(
            *person.pair("name", 5, title="姓　名"),
            *person.choice("sex", 5, title="性　别", only=("1", "2")),
            label("出生日期"),
            value(birth_words(file.person), 5),
        ),
        row(*person.pair("id_number", 8, title="身份证号"), *person.pair("village_group", 10)),
        row(*child.pair("categories", 21)),
        row(label("现居住地"), value(parts.current_words(file), 21)),
    )
    return Band(rows, "儿童")


def circumstances(visit: Entries) -> Band:
    """When, how, by whom, and whether anybody was met."""
    rows = (
        row(*visit.pair("visited_on", 6, required=True), *visit.choice("mode", 12, required=True)),
        row(*visit.choice("outcome", 21, required=True)),
        row(*visit.pair("visitors", 6, required=True), *visit.pair("place", 12)),
        row(*visit.pair("not_met_reason", 21, title="没见到原因")),
    )
    return Band(rows, "走访")


def safety(visit: Entries, met: bool) -> Band:
    """What is answered afresh at every visit."""
    rows = (
        row(*visit.choice("child_seen", 4, title="见到孩子", required=met), *visit.choice("injuries", 14)),
        row(*visit.choice("mood", 21)),
        row(*visit.pair("child_is_with", 21, title="谁在照看")),
    )
    return Band(rows, "安全必问")


def inquiry(visit: Entries, met: bool) -> Band:
    """Who was asked."""
    rows = (
        row(
            *visit.pair("informant", 11, title="问询对象", required=met),
            *visit.pair("informant_relation", 7, title="与儿童关系", required=met),
        ),
        row(
            *visit.pair("informant_address", 11, title="常住地址"),
            *visit.pair("last_parent_contact_on", 6, title="最近与父母联系", label_span=4, required=met),
        ),
    )
    return Band(rows, "问询")


def findings(visit: Entries, met: bool, height: float) -> Band:
    """The long answers, and school."""
    rows = [Row((_asked(title, hint), _story(visit, name, met)), height) for name, (title, hint) in STORIES.items()]
    school = row(
        *visit.choice("schooling", 11, required=met),
        *visit.pair("schooling_detail", 7, title="就学情况", required=met),
    )
    return Band((*rows, school), "情况")


def _asked(title: str, hint: str) -> Cell:
    return Cell((Text(title + ("\n" + hint if hint else "")),), 3, Align.CENTRE, size=9.5)


def _story(visit: Entries, name: str, met: bool) -> Cell:
    """A long answer; one that was kept from the last visit says so."""
    cell = visit.long(name, 21, required=met)
    kept = getattr(visit.record, "kept_answers", ())
    if name in kept and cell.pieces:
        return Cell((kai(f"〔与上次相同〕{visit.words(name)}"),), 21, Align.TOP)
    return cell


def conclusions(visit: Entries, height: float) -> Band:
    """What was found, done and agreed."""
    rows = (
        row(*visit.choice("concerns", 21)),
        row(*visit.story("concern_note", 21, title="问题说明"), height=height),
        row(*visit.story("actions", 21, title="采取的措施"), height=height),
        row(*visit.choice("support_recommendations", 21)),
        row(
            *visit.choice("priority_watch", 6, title="加入重点关注", label_span=5),
            *visit.pair("next_visit_on", 9, label_span=4),
        ),
    )
    return Band(rows, "结论")


def signatures() -> Band:
    """Who went, who was asked, and the child who wishes to."""
    cells = (
        parts.signature("走访人：", 7),
        parts.signature("被访人（监护人）：", 10, fingerprint=True),
        parts.signature("儿童：", 7),
    )
    return Band((parts.signing_row(*cells),), "签字")


FORM = PrintedForm(
    name="child_visit_record",
    title="儿童入户走访记录表",
    version="2026-11",
    subject=Subject.CHILD,
    handling=Handling.AUTHORITY,
    compose=compose,
    blank=ChildFile(),
)
