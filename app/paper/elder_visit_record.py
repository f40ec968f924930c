"""特殊困难老年人探访登记表: one visit to an elder. Content: 民发〔2022〕73号 by domain.md 3.1; layout ours."""

from __future__ import annotations

from app.paper import parts
from app.paper.blocks import Band, Composition, Heading, Note, label, row, value
from app.paper.entries import Entries, birth_words
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.sheets import ElderFile
from app.records.elder_visit import ElderVisit

MODES = ("home", "phone", "video", "neighbour")
NOTES = ("说明：每次探访填一张。老人或家属签名，不会写字的按手印。发现紧急情况先救助、先报告，再填表。",)


def compose(file: ElderFile, setting: Setting) -> Composition:
    """One visit, written or to be written."""
    visit = Entries(file.visit or ElderVisit(), red=file.visit is not None)
    met = file.visit is not None and file.visit.outcome == "met"
    bands = (
        subject(file, Entries(file.person, masked=bool(setting.masked)), Entries(file.elder)),
        circumstances(visit),
        safety(visit, met),
        body(visit, met),
        life(visit, met),
        conclusions(visit, height=11.0),
        signatures(),
    )
    heading = Heading(FORM.title, f"村（社区）：{file.village}", "", parts.filled_on(setting))
    return Composition(heading, bands, Note(NOTES), number=file.number, footer=f"表样 {FORM.version}")


def subject(file: ElderFile, person: Entries, elder: Entries) -> Band:
    """Whom the visit is about."""
    rows = (
        row(
            *person.pair("name", 5, title="姓　名"),
            *person.choice("sex", 5, title="性　别", only=("1", "2")),
            label("出生日期"),
            value(birth_words(file.person), 5),
        ),
        row(*person.pair("id_number", 8, title="身份证号"), *person.pair("phones", 10)),
        row(label("住　址"), value(parts.current_words(file), 12), *person.pair("village_group", 6)),
        row(*elder.choice("categories", 21, title="困难类别")),
    )
    return Band(rows, "老人")


def circumstances(visit: Entries) -> Band:
    """When, how, by whom, and whether the elder was met."""
    rows = (
        row(*visit.pair("visited_on", 6, required=True), *visit.choice("mode", 12, required=True, only=MODES)),
        row(*visit.choice("outcome", 21, required=True)),
        row(*visit.pair("visitors", 8, required=True), *visit.pair("present", 10)),
    )
    return Band(rows, "探访")


def safety(visit: Entries, met: bool) -> Band:
    """What is answered afresh at every visit."""
    rows = (
        row(
            *visit.choice("elder_seen", 4, title="见到老人", required=met),
            *visit.pair("falls", 2, title="跌倒（次）", label_span=4),
            *visit.pair("not_met_reason", 7, title="没见到的原因", label_span=4),
        ),
        row(*visit.choice("mood", 21, required=met)),
        row(*visit.choice("home_dangers", 21)),
    )
    return Band(rows, "安全必问")


def body(visit: Entries, met: bool) -> Band:
    """How the elder is."""
    rows = (
        row(*visit.choice("health", 21, required=met)),
        row(*visit.story("health_note", 21), height=10),
        row(
            *visit.choice("takes_medicine", 12), *visit.choice("self_care_changed", 4, title="自理有变化", label_span=5)
        ),
        row(*visit.choice("diet", 9), *visit.choice("sleep", 9)),
        row(*visit.choice("orientation", 18, title="认人认路认日子", label_span=6)),
    )
    return Band(rows, "身体")


def life(visit: Entries, met: bool) -> Band:
    """With whom, and who cares."""
    rows = (
        row(
            *visit.pair("living_with", 8, title="和谁同住", required=met),
            *visit.pair("last_child_contact_on", 8, title="最近与子女联系", label_span=5),
        ),
        row(*visit.choice("support_performed", 12), *visit.choice("hygiene", 6)),
        row(*visit.pair("money_risk", 21, title="受骗风险")),
    )
    return Band(rows, "生活")


def conclusions(visit: Entries, height: float) -> Band:
    """What is needed, done and agreed."""
    rows = (
        row(*visit.choice("needs", 21)),
        row(*visit.story("policies_explained", 21, title="宣传政策"), height=height),
        row(*visit.story("actions", 21, title="采取的措施"), height=height),
        row(*visit.pair("referral", 7, title="转　介"), *visit.choice("risk_level", 11, title="风险等级")),
        row(*visit.story("note", 21), height=height),
        row(*visit.choice("photo_consent", 6), *visit.pair("next_visit_on", 11, label_span=4)),
    )
    return Band(rows, "结论")


def signatures() -> Band:
    """Who went, and who was visited."""
    cells = (parts.signature("探访人：", 10), parts.signature("老人或家属：", 14, fingerprint=True))
    return Band((parts.signing_row(*cells),), "签字")


FORM = PrintedForm(
    name="elder_visit_record",
    title="特殊困难老年人探访登记表",
    version="2026-11",
    subject=Subject.ELDER,
    handling=Handling.AUTHORITY,
    compose=compose,
    blank=ElderFile(),
)
