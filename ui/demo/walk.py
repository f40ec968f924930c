"""The whole day without a window: the same verbs, a real server on loopback, and everything that comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.cases import agenda, conflicts
from app.clock import Clock
from app.errors import CountyUnreachable
from app.records import Child, Elder, Person
from app.records.divisions import short_name
from app.store import ListQuery
from app.store.workspace import Workspace
from app.training import desks, places
from app.training.village import BIG_CHILDREN, big_village
from sync.client import engine
from ui.demo import day as steps
from ui.demo.day import Day
from ui.demo.diary import Diary
from ui.demo.stage import Stage, cleared, staged, the_second_village, the_village

REPORT = "这一天.md"
PICTURES = "图片"
Pictures = Callable[[Path], Callable[[], int]]
"""Begins to take pictures into a folder; what it gives waits for them and counts them."""


def walk(
    folder: Path,
    clock: Clock,
    tell: Callable[[str], None] = print,
    *,
    pictures: Pictures = lambda folder: lambda: 0,
    children: int = BIG_CHILDREN,
) -> Diary:
    """Play the day into a folder, which is cleared first if an earlier day lies there. Raises UserError.

    ``pictures`` begins to take pictures of every place into a folder, beside the walk; ``children`` is how many
    the big village has.
    """
    diary = Diary(clock.today(), tell)
    finished = pictures(cleared(folder) / PICTURES)
    with staged(folder / "资料", clock) as stage:
        day = _set_up(stage, diary, folder)
        steps.look_at_today(day)
        steps.find_by_initials(day)
        steps.visit_a_household(day)
        steps.import_the_ledger(day)
        steps.print_and_type_in(day)
        unplug_and_settle(day, stage)
        steps.fill_the_countys_table(day)
        look_from_above(day, stage)
        _big_village(day, stage, children)
    with diary.step("每个地方的图片") as step:
        taken = finished()
        step.says(f"一边走一边拍的 {taken} 张，在「{PICTURES}」里。", pictures=taken)
    diary.write(folder / REPORT)
    return diary


def _set_up(stage: Stage, diary: Diary, folder: Path) -> Day:
    """Two villages, a township's supervisor and social worker, all joined, all holding what they may see."""
    with diary.step("两个村、一个乡镇、一个县") as step:
        store = desks.village_desk(stage.desk_folder("village"), the_village(stage), clock=stage.clock)
        stage.take("village", store)
        second = the_second_village(stage)
        stage.take("second", desks.village_desk(stage.desk_folder("second"), second, clock=stage.clock))
        step.says(
            f"{store.post.name}{places.DIRECTOR}：{store.count(Person)} 人，儿童 {store.count(Child)}，"
            f"老人 {store.count(Elder)}。",
            persons=store.count(Person),
        )
        sent = [stage.exchange(view).sent for view in ("village", "second")]
        step.says(f"两个村第一次送到县里：{sent[0]} 次和 {sent[1]} 次保存。", sent=sum(sent))
        for view in ("supervisor", "worker"):
            desk = stage.new_desk(view)
            outcome = stage.exchange(view)
            step.says(f"{desk.post.name}{desk.holder.name}收到 {outcome.received} 条，用时 {outcome.seconds:.2f} 秒。")
    return Day(store, desks.actor(store), stage.today, diary, folder)


def unplug_and_settle(day: Day, stage: Stage) -> None:
    """The line is cut, two desks change the same man, the line is back, one difference is settled."""
    with day.diary.step("断网、两边都改、连上以后定下来") as step:
        stage.unplug()
        supervisor = stage.desks["supervisor"]
        steps.change_the_father(day.store, day.by, day.today, "19900002992", work_place="浙江省杭州市")
        steps.change_the_father(supervisor, desks.actor(supervisor), day.today, "19900002993")
        stage.exchange("supervisor")
        try:
            stage.exchange("village")
        except CountyUnreachable as unreachable:
            waiting = engine.pending(day.store)
            step.says(f"断着网照样存：{waiting} 条待送。程序说：{unreachable}", waiting=waiting)
        stage.plug_in()
        outcome = stage.exchange("village")
        step.says(
            f"连上以后：送出 {outcome.sent}，收到 {outcome.received}，两边改得不一样 {outcome.conflicts} 处。",
            conflicts=outcome.conflicts,
        )
        _settle(day, stage)
        father, theirs = steps.the_father(day.store), steps.the_father(supervisor)
        same = (father.phones, father.work_place) == (theirs.phones, theirs.work_place)
        step.says(
            f"现在两边都是 {'、'.join(father.phones)}；只有我改的务工地点（{father.work_place}）也送到了。",
            phones=len(father.phones),
            same=same,
        )
        for difference_of in (day.store, supervisor):
            assert not conflicts.open_conflicts(difference_of, desks.actor(difference_of))


def _settle(day: Day, stage: Stage) -> None:
    entry = day.diary.entries[-1]
    for found in conflicts.open_conflicts(day.store, day.by):
        entry.says(
            f"{found.person}的{found.item}：我的「{found.mine.words}」，{found.theirs.by}的「{found.theirs.words}」，"
            f"原来「{found.before}」；用我的。"
        )
        conflicts.settle(day.store, day.by, found.conflict, conflicts.MINE)
    delivered = [stage.exchange(view).delivered for view in ("village", "supervisor")]
    entry.says("两边内容核对一致，已全部送到。" if all(delivered) else "还没有送完。", delivered=all(delivered))


def look_from_above(day: Day, stage: Stage) -> None:
    """The supervisor's view of both villages."""
    with day.diary.step("督导员和社工看到的") as step:
        for view in ("supervisor", "worker"):
            stage.exchange(view)
            _tell_of(stage.desks[view], day, step.says)
        seen = len(stage.desks["supervisor"].listing(ListQuery("child")))
        step.says(f"督导员在一张台账里看两个村的 {seen} 名儿童。", children=seen)


def _tell_of(store: Workspace, day: Day, says: Callable[..., None]) -> None:
    for org in (places.VILLAGE, places.SECOND_VILLAGE):
        due = agenda.whom_to_visit(store, day.today, org=org)
        soon = agenda.whom_to_visit(store, day.today, org=org, days_ahead=7)
        says(
            f"{store.holder.name}看{short_name(org)}：今天该走访 {len(due.visits)} 人，过期 {due.overdue} 人；"
            f"七天内 {len(soon.visits)} 人。"
        )


def _big_village(day: Day, stage: Stage, children: int) -> None:
    with day.diary.step("换成最大的村") as step:
        village = big_village(stage.today, children=children)
        store = desks.village_desk(stage.desk_folder("big"), village, clock=stage.clock, portraits=False)
        step.says(f"儿童 {store.count(Child)} 名，一共 {store.count(Person)} 人写进加密的资料。",
                  persons=store.count(Person))  # fmt: skip
    try:
        steps.print_the_big_village(day, store, desks.actor(store))
    finally:
        store.close()
