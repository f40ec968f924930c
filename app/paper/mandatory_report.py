"""侵害未成年人案件强制报告登记表, to be written by hand after the call to 110.

There is no national form (domain.md, 2.9: the fields are a composite, to be confirmed by the county; the nine
situations are those of article 4 of the 2020 opinion). The form says so itself.
"""

from __future__ import annotations

from app.paper import parts
from app.paper.blocks import Band, Blank, Cell, Composition, Heading, Note, Row, Text, Tick, label, row, ticks, value
from app.paper.entries import DAY_TO_WRITE, Entries, birth_words
from app.paper.forms import Handling, PrintedForm, Setting, Subject
from app.paper.sheets import ReportFile
from app.records.codes import code_list

MOMENT_TO_WRITE = Text("　　 年 　 月 　 日 　 时 　 分")
NOTES = (
    "说明：1. 先打 110 或向派出所报告，不等审批、不等填表；本表事后补填。"
    "2. 事实栏只写看到的、听到的，孩子的原话用引号照录。"
    "3. 报告人信息依法保密。本表单独封存，不放进一般档案，不张贴。"
    "4. 没有查到全国统一的格式，本表为通用样式（待县级确认）；县里有规定格式的，用县里的。",
)


def compose(file: ReportFile, setting: Setting) -> Composition:
    """Two pages for a pen; of the child only what is known already."""
    bands = (
        _reporter(setting),
        _child(file),
        _suspect(),
        _situations(),
        _facts(),
        _reported(),
        _follow_up(),
        _signatures(),
    )
    heading = Heading(
        FORM.title,
        f"报告单位：{setting.unit or '　' * 10}",
        "",
        f"编号：{file.number or '　' * 8}",
        marking="保　密",
    )
    return Composition(heading, bands, Note(NOTES), footer=f"表样 {FORM.version}")


def _empty(asked: str, span: int, label_span: int = 3) -> tuple[Cell, Cell]:
    return label(asked, label_span), value("", span)


def _moment(asked: str, span: int) -> tuple[Cell, Cell]:
    return label(asked), Cell((MOMENT_TO_WRITE,), span)


def _choices(asked: str, list_name: str, span: int) -> tuple[Cell, Cell]:
    return label(asked), ticks((Tick(item.label) for item in code_list(list_name)), span)


def _reporter(setting: Setting) -> Band:
    rows = (
        row(label("姓　名"), value(setting.filled_by, 5), *_empty("职　务", 5), *_empty("联系电话", 5)),
        row(*_moment("发现时间", 9), *_moment("报告时间", 9)),
        row(*_choices("怎样发现", "how_found", 13), label("对本人保密", 3), ticks((Tick("是"), Tick("否")), 5)),
    )
    return Band(rows, "报告人")


def _child(file: ReportFile) -> Band:
    child = file.child
    person, profile = Entries(child.person), Entries(child.child)
    carer = child.caregiver
    carer_words = ""
    if carer:
        carer_words = f"{carer.person.name or ''}（{parts.relation_words(carer.kinship.relation)}）"
    phones = Entries(carer.person).words("phones") if carer else ""
    rows = (
        row(
            *person.pair("name", 5, title="姓　名"),
            *person.choice("sex", 4, title="性　别", only=("1", "2")),
            label("出生日期"),
            value(birth_words(child.person), 6),
        ),
        row(*person.pair("id_number", 9, title="身份证号"), *profile.pair("school", 9)),
        row(label("家庭住址"), value(parts.current_words(child), 21)),
        row(label("监护人"), value(carer_words, 9), label("联系电话"), value(phones, 9)),
        row(*_empty("现在何处", 9), *_empty("谁在照看", 9)),
    )
    return Band(rows, "儿童")


def _suspect() -> Band:
    rows = (
        row(*_empty("姓　名", 5), *_empty("住址去向", 13)),
        row(*_choices("与儿童关系", "offender_relation", 21)),
    )
    return Band(rows, "疑似侵害人")


def _situations() -> Band:
    """The nine situations, one to a line as in the opinion itself."""
    rows = tuple(
        Row((Cell((Tick(f"{item.code}. {item.label}"),), 24),), 7.0) for item in code_list("mandatory_report_situation")
    )
    return Band(rows, "报告情形")


def _facts() -> Band:
    rows = (
        Row((label("发现的事实"), Cell((), 21)), 42),
        Row((label("伤情和物证"), Cell((), 21)), 24),
        Row((label("紧急措施"), Cell((), 21)), 20),
    )
    return Band(rows, "事实措施")


def _reported() -> Band:
    pieces = (Text("派出所（名称）"), Blank(35), Text("　接报人"), Blank(19), Text("　回执号"), Blank(23))
    rows = (
        row(*_choices("已报告", "report_channel", 21)),
        row(label("公安机关"), Cell(pieces, 21), height=10),
        row(*_moment("受理时间", 9), label("反馈时间"), Cell((DAY_TO_WRITE,), 9)),
    )
    return Band(rows, "报告去向")


def _follow_up() -> Band:
    rows = (
        Row((label("处理结果"), Cell((), 21)), 38),
        Row((label("后续安排"), Cell((), 21)), 38),
    )
    return Band(rows, "后续")


def _signatures() -> Band:
    cells = (parts.signature("报告人：", 12), parts.signature("单位负责人：", 12, seal=True))
    return Band((Row(cells, 26),), "签字")


FORM = PrintedForm(
    name="mandatory_report",
    title="侵害未成年人案件强制报告登记表",
    version="2026-11",
    subject=Subject.REPORT,
    handling=Handling.AUTHORITY,
    compose=compose,
    blank=ReportFile(),
)
