"""The day of a child director, step by step, through the verbs that the window uses."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from app.cases import agenda, imports, papers, register, visits
from app.cases.exports import export_rows
from app.exchange.filling import fill
from app.exchange.layouts import layout_of
from app.exchange.ledger import open_ledger, read_rows
from app.exchange.writing import write_people, write_refused
from app.paper import printed_form
from app.policy.access import Actor
from app.records import Child, ChildVisit, Person
from app.store import ListQuery
from app.store.workspace import Workspace
from app.training import workbooks
from ui import print_job
from ui.commands.paper import wanted_of
from ui.demo.diary import Diary
from ui.print_job import Wanted


@dataclass(frozen=True, slots=True)
class Day:
    """Who works where, on which day, what is written down about it, and where the papers go."""

    store: Workspace
    by: Actor
    today: date
    diary: Diary
    out: Path

    def folder(self, name: str) -> Path:
        """A folder for what comes out."""
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def named(self, name: str) -> Person:
        """The first person of this name in the village."""
        return self.store.find(Person, name=name)[0]

    def print(self, form_name: str, ids: Sequence[str], file: str, *, blank: bool = False) -> tuple[int, list[str]]:
        """Print a form into the folder; gives its pages and the numbers on its sheets."""
        form = printed_form(form_name)
        wanted = wanted_of(self.store, form, ids, self.today, blank=blank)
        document = print_job.pages(self.store, wanted, self.by, self.today, how="pdf").document
        (self.folder("打印") / file).write_bytes(document.pdf)
        return document.page_count, [sheet.number for sheet in document.sheets if sheet.number]


def look_at_today(day: Day) -> None:
    """Who is to be visited, and why."""
    with day.diary.step("打开今日") as step:
        due = agenda.whom_to_visit(day.store, day.today)
        high = sum(visit.risk_level == "high" for visit in due.visits)
        step.says(
            f"该走访 {len(due.visits)} 人，其中高风险 {high} 人，已经过期 {due.overdue} 人。",
            due=len(due.visits), high=high, overdue=due.overdue,
        )  # fmt: skip
        for group, lines in due.groups:
            step.says(f"{group}：" + "；".join(f"{visit.name}（{visit.reason}）" for visit in lines))


def find_by_initials(day: Day) -> None:
    """Three people of one name, told apart by group and birth."""
    with day.diary.step("按首字母找人") as step:
        hits = day.store.search("wf")
        told = "；".join(f"{hit.village_group} {(hit.birth_date or '')[:4]} 年生" for hit in hits)
        step.says(f"打 wf，找到 {len(hits)} 个王芳：{told}。", hits=len(hits))


def visit_a_household(day: Day) -> None:
    """Brother, sister and grandmother on one page: what did not change is kept, the safety questions are asked."""
    with day.diary.step("走访姐弟和奶奶") as step:
        outing = visits.start_outing()
        members = visits.members_to_visit(day.store, day.named("周谷雨").id)
        kept = 0
        for member in members:
            form = visits.start_visit(day.store, day.by, member.person.id, member.kind, day.today, outing=outing)
            assert form.last is not None
            visit = _answered_afresh(visits.keep_all_answers(form.visit, form.last), day.today)
            kept += len(visit.kept_answers)
            visits.finish(day.store, day.by, None, visit, today=day.today)
        due = agenda.whom_to_visit(day.store, day.today)
        step.says(
            f"一家 {len(members)} 人在一页上走访完，{kept} 项与上次相同，安全必问都重新问过。"
            f"今天还剩 {len(due.visits)} 人。",
            members=len(members), left=len(due.visits),
        )  # fmt: skip


def _answered_afresh(visit: visits.AnyVisit, today: date) -> visits.AnyVisit:
    """The questions that are asked anew every time."""
    if isinstance(visit, ChildVisit):
        return replace(
            visit, child_seen=True, injuries="none", mood="cheerful", child_is_with="奶奶", last_parent_contact_on=today
        )
    return replace(visit, elder_seen=True, falls=0, mood="calm", home_dangers=(), last_child_contact_on=today)


def import_the_ledger(day: Day) -> None:
    """The old ledger: looked at, imported, taken back as a whole, imported again; refused rows come back."""
    folder = day.folder("表格")
    source = folder / workbooks.LEDGER
    shutil.copyfile(workbooks.ledger(), source)
    with day.diary.step("导入旧台账、撤销、再导入") as step:
        before = day.store.count(Person)
        ledger = open_ledger(source, "child")
        plan = imports.plan_import(day.store, read_rows(ledger, day.today), day.by, day.today)
        counts = {str(outcome): count for outcome, count in plan.counts().items()}
        step.says(
            f"{source.name} 读到 {len(plan.rows)} 行：新增 {counts['new']}，有变化 {counts['changed']}，没有变化 "
            f"{counts['same']}，可能重复 {counts['doubtful']}，不能导入 {counts['refused']}；"
            f"证件号待核 {plan.to_verify}。",
            **counts, to_verify=plan.to_verify,
        )  # fmt: skip
        first = imports.apply_import(day.store, day.by, plan)
        came = day.store.count(Person) - before
        undone = imports.undo_import(day.store, day.by, first.batch)
        after = day.store.count(Person)
        step.says(
            f"导入后多了 {came} 人；整批撤销 {len(undone.changes.ids)} 条，又回到 {after} 人。",
            came=came, back=after - before,
        )  # fmt: skip
        again = imports.plan_import(day.store, read_rows(ledger, day.today), day.by, day.today)
        imports.apply_import(day.store, day.by, again)
        returned = write_refused(folder / "没有导入的行.xlsx", ledger, again.refused)
        step.says(f"再导入一次；没有导入的 {returned} 行另存成表，附上原因。", returned=returned)


def print_and_type_in(day: Day) -> None:
    """The day's sheets, the forms of one child, blanks for the bag; then one sheet comes back and is typed in."""
    with day.diary.step("打印今天的走访单，再按表号录入") as step:
        pages, numbers = day.print("visit_sheet", (), "今天的走访单.pdf")
        step.says(f"走访单 {len(numbers)} 张 {pages} 页，号码和电话遮住一部分，每张有表号。", sheets=len(numbers))
        sheet = papers.sheet_by_number(day.store, numbers[0].lower().replace("-", " "))
        visit = _from_paper(day, sheet.person or "")
        visits.finish(day.store, day.by, None, replace(visit, sheet=sheet.id), today=day.today)
        waiting = len(papers.sheets_not_typed_in(day.store))
        step.says(f"按表号 {numbers[0]} 录入一张，还有 {waiting} 张没有录入。", waiting=waiting)
    with day.diary.step("打印表格") as step:
        child = day.named("李䶮").id
        printed = 0
        for form, ids, file, blank in (
            ("child_registration", (child, day.named("阿·木·乃").id), "儿童基本信息登记表.pdf", False),
            ("child_visit_record", (child,), "儿童入户走访记录表.pdf", False),
            ("elder_visit_record", (day.named("郑秀兰").id,), "特殊困难老年人探访登记表.pdf", False),
            ("mandatory_report", (), "强制报告表（空白）.pdf", True),
            ("register_list", (), "儿童台账.pdf", False),
        ):
            printed += day.print(form, ids, file, blank=blank)[0]
        step.says(f"五种表 {printed} 页，名字里有 䶮 和 · 的都印出来了。", pages=printed)


def _from_paper(day: Day, person_id: str) -> visits.AnyVisit:
    """What stands on the sheet that came back."""
    kind = "child" if day.store.get(Child, person_id) else "elder"
    form = visits.start_visit(day.store, day.by, person_id, kind, day.today)
    kept = visits.keep_all_answers(form.visit, form.last) if form.last else form.visit
    return _answered_afresh(kept, day.today)


def fill_the_countys_table(day: Day) -> None:
    """照这张表填, and the same people in a layout of one's own."""
    folder = day.folder("表格")
    blank = folder / workbooks.BLANK
    shutil.copyfile(workbooks.blank_table(), blank)
    with day.diary.step("照县里的空表填") as step:
        ids = day.store.listing(ListQuery("child", category="left_behind_rural")).ids()
        rows = export_rows(day.store, day.by, "child", ids)
        filled = fill(blank, folder / "县里的表（已填）.xlsx", rows, day.today)
        step.says(f"留守儿童 {filled.rows} 人填进「{filled.sheet}」，{len(filled.columns)} 列都认得。",
                  rows=filled.rows, unknown=len(filled.unknown))  # fmt: skip
        everyone = day.store.listing(ListQuery("child")).ids()
        rows = export_rows(day.store, day.by, "child", everyone)
        for ending in (".xlsx", ".csv", ".jsonl"):
            write_people(folder / f"儿童名单{ending}", layout_of("child"), rows, day.today, "练习村儿童名单")
        step.says(f"另外导出全村儿童 {len(rows)} 人：Excel、CSV、JSON 各一份。", exported=len(rows))


def the_father(store: Workspace) -> Person:
    """周大川, the father of brother and sister, one person for both."""
    return store.find(Person, name="周大川")[0]


def change_the_father(store: Workspace, by: Actor, today: date, phone: str, work_place: str = "") -> None:
    """The father has another phone: changing him once changes him for both children."""
    father = the_father(store)
    changed = replace(father, phones=(phone,), work_place=work_place or father.work_place)
    register.change(store, by, father, changed, today=today)


def print_the_big_village(day: Day, store: Workspace, by: Actor) -> None:
    """1,431 registration forms as one document."""
    with day.diary.step("打印最大的村每个儿童的登记表") as step:
        ids = store.listing(ListQuery("child")).ids()
        wanted = Wanted("child_registration", tuple(ids))
        document = print_job.pages(store, wanted, by, day.today, how="pdf").document
        target = day.folder("打印") / "练习社区儿童登记表.pdf"
        target.write_bytes(document.pdf)
        step.says(f"{len(ids)} 人 {document.page_count} 页，{len(document.pdf) / 1e6:.1f} MB。",
                  children=len(ids), pages=document.page_count)  # fmt: skip
    step.says(f"每秒 {document.page_count / step.seconds:.0f} 页。")
