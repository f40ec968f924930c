"""A person's story: what happened to them and what was done, the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.clock import CHINA
from app.records.child_visit import ChildVisit
from app.records.codes import code_list
from app.records.elder_visit import ElderVisit
from app.records.record import Field
from ui.fields.shown import shown
from ui.models.person_file import PersonFile
from ui.words import tr


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story. ``opens`` is the record that a click opens: a visit or an attachment, by type and id."""

    on: date
    icon: str
    title: str
    text: str = ""
    opens: tuple[str, str] = ("", "")
    is_concern: bool = False


def story(file: PersonFile) -> tuple[Step, ...]:
    """Everything that can be told, the latest first; same days in the order of the sources."""
    steps = [*_visits(file), *_stays(file), *_events(file), *_papers(file), *_changes(file)]
    return tuple(sorted(steps, key=lambda step: step.on, reverse=True))


def _visits(file: PersonFile) -> Iterator[Step]:
    for visit in file.visits:
        if visit.visited_on is None:
            continue
        mode = code_list("visit_mode").label(visit.mode)
        outcome = code_list("visit_outcome").label(visit.outcome)
        who = "、".join(visit.visitors)
        title = tr("{mode}走访：{outcome}", mode=mode, outcome=outcome) if visit.outcome == "met" else outcome
        text = "；".join(word for word in (_found(visit), who) if word)
        yield Step(visit.visited_on, "visits", title, text, (visit.spec.name, visit.id), _is_concern(visit))


def _found(visit: ChildVisit | ElderVisit) -> str:
    if isinstance(visit, ChildVisit):
        words = [code_list("visit_concern").label(code) for code in visit.concerns]
        return "、".join(words) or (visit.concern_note or visit.living or "")[:40]
    dangers = [code_list("home_danger").label(code) for code in visit.home_dangers]
    falls = [tr("跌倒 {times} 次", times=visit.falls)] if visit.falls else []
    return "、".join([*falls, *dangers]) or code_list("health_now").label(visit.health)


def _is_concern(visit: ChildVisit | ElderVisit) -> bool:
    if isinstance(visit, ChildVisit):
        return bool(visit.concerns) or visit.injuries in ("explained", "unexplained")
    return bool(visit.falls or visit.home_dangers)


def _stays(file: PersonFile) -> Iterator[Step]:
    for stay in file.stays:
        if stay.since is None:
            continue
        until = tr("，预计 {day} 返回", day=stay.until.isoformat()) if stay.until else ""
        place = code_list("stay_place").label(stay.place)
        where = f"：{stay.whereabouts}" if stay.whereabouts else ""
        yield Step(stay.since, "forward", place + where, (stay.with_whom or "") + until)


def _events(file: PersonFile) -> Iterator[Step]:
    person = file.person
    if person.died_on:
        yield Step(person.died_on, "person", tr("去世"), person.death_note or "")
    if person.moved_out_on:
        yield Step(person.moved_out_on, "forward", tr("迁出"), person.moved_out_to or "")
    for profile in (file.child, file.elder):
        if profile and profile.registered_on:
            label = profile.spec.label.removesuffix("档案")
            yield Step(profile.registered_on, "register", tr("登记为{label}", label=label))
        if profile and profile.exited_on:
            yield Step(profile.exited_on, "back", tr("退出"), code_list("exit_reason").label(profile.exit_reason))


def _papers(file: PersonFile) -> Iterator[Step]:
    for sheet in file.sheets:
        if sheet.printed_at:
            state = code_list("sheet_state").label(sheet.state)
            on = sheet.printed_at.astimezone(CHINA).date()
            yield Step(on, "sheet", tr("打印了表 {number}", number=sheet.number or ""), state)
    for paper in file.attachments:
        if paper.taken_on and paper.kind != "photo":
            title = paper.title or code_list("attachment_kind").label(paper.kind)
            yield Step(paper.taken_on, "photo", title, "", ("attachment", paper.id))


def _changes(file: PersonFile) -> Iterator[Step]:
    """What the register said and says; the making of the record itself is told by 登记."""
    fields: dict[str, Field] = {name: field for each in file.records for name, field in each.spec.by_name.items()}
    for change in file.changes:
        if change.created:
            continue
        names = [fields[name].label for name in change.after if name in fields]
        if names:
            on = change.at.astimezone(CHINA).date()
            yield Step(on, "edit", tr("改了{what}", what="、".join(names[:4])), change.author)


def say_change(field: Field, before: object, after: object) -> str:
    """旧 → 新, in words."""
    from app.records.record import from_json

    was, becomes = shown(field, from_json(field, before)), shown(field, from_json(field, after))
    return f"{was or tr('（空）')} → {becomes or tr('（空）')}"
