"""Registering, visiting, life events, papers: a child director's verbs on a real encrypted store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.cases import agenda, life, papers, register, visits
from app.errors import DiskFull, NotAllowed, Unfinished, UserError
from app.policy.access import Actor
from app.policy.rules import load
from app.records import Child, ChildVisit, Elder, Household, Kinship, Person, Sheet, Stay
from app.store import open_store
from app.store.backup import examine
from app.store.workspace import Workspace
from tests.support.desks import PASSPHRASE, VILLAGE, a_person, new_desk

TODAY = date(2026, 11, 23)
DIRECTOR = Actor("worker-1", "测试员甲", "child_director", VILLAGE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk", planner=agenda.default_planner())
    yield desk
    desk.close()


def registered(store: Workspace, name: str = "测试童", **child: object) -> Person:
    changes = register.register_child(
        store, DIRECTOR, a_person(name=name, birth_date=date(2015, 3, 5)), Child(**child), today=TODAY
    )
    return next(record for record in changes.records if isinstance(record, Person))


def a_full_visit(store: Workspace, person: Person, day: date = TODAY, **given: object) -> ChildVisit:
    form = visits.start_visit(store, DIRECTOR, person.id, "child", day)
    assert isinstance(form.visit, ChildVisit)
    answers = {
        "informant": "测试奶奶", "informant_relation": "62", "last_parent_contact_on": day, "living": "吃穿都有",
        "family": "四口人", "guardianship": "奶奶照看", "mind": "爱说话", "guardian_opinion": "没有", "schooling": "1",
        "schooling_detail": "三年级", "child_seen": True, "injuries": "none", "mood": "calm",
    }  # fmt: skip
    return replace(form.visit, **{**answers, **given})


def test_a_child_is_registered_with_household_and_kin_in_one_go(store: Workspace) -> None:
    changes = register.register_child(
        store, DIRECTOR, a_person(name="测试童"), Child(risk_level="high"),
        household=Household(org=VILLAGE, head_name="测试奶奶"),
        relatives=[register.NewRelative(Person(name="测试奶奶", sex="2"), Kinship(relation="62", is_caregiver=True))],
        today=TODAY,
    )  # fmt: skip
    assert changes.types == {"person", "child", "household", "kinship"}
    child = next(iter(store.every(Child)))
    assert [person.name for _, person in register.family_of(store, child.id)] == ["测试奶奶"]
    store.undo(DIRECTOR, changes.batch)
    assert store.count(Person) == store.count(Child) == store.count(Kinship) == 0


def test_all_problems_are_said_at_once_each_with_its_field(store: Workspace) -> None:
    with pytest.raises(Unfinished) as caught:
        register.register_child(store, DIRECTOR, Person(birth_date=date(2099, 1, 1)), Child(), today=TODAY)
    assert {problem.field for problem in caught.value.problems} >= {"org", "name", "sex", "birth_date"}
    assert store.count(Person) == 0


def test_a_disagreeing_birth_date_is_a_warning_that_can_be_confirmed(store: Workspace) -> None:
    person = a_person(id_type="01", id_number="11010519491231002X", sex="2", birth_date=date(1949, 12, 30))
    with pytest.raises(Unfinished) as caught:
        register.register_elder(store, DIRECTOR, person, Elder(), today=TODAY)
    assert [(problem.field, problem.warning) for problem in caught.value.problems] == [("birth_date", True)]
    register.register_elder(store, DIRECTOR, person, Elder(), today=TODAY, confirmed=["birth_date"])
    assert store.count(Elder) == 1


def test_nobody_registers_in_another_village(store: Workspace) -> None:
    with pytest.raises(NotAllowed):
        register.register_child(store, DIRECTOR, a_person(org="530602001001"), Child(), today=TODAY)


def test_a_sibling_shares_the_same_father_so_his_phone_changes_for_both(store: Workspace) -> None:
    father = register.NewRelative(Person(name="测试父", sex="1", phones=("13800000000",)), Kinship(relation="51"))
    first = register.register_child(store, DIRECTOR, a_person(name="测试大"), Child(), relatives=[father], today=TODAY)
    person = next(r for r in first.records if isinstance(r, Person) and r.name == "测试大")
    sibling, profile, kin = register.sibling_of(store, person.id)
    second = register.register_child(
        store, DIRECTOR, replace(sibling, name="测试小", sex="2"), profile, relatives=kin, today=TODAY
    )
    younger = next(r for r in second.records if isinstance(r, Person) and r.name == "测试小")
    fathers = {person.id for id_ in (person.id, younger.id) for _, person in register.family_of(store, id_)}
    assert len(fathers) == 1


def test_a_new_high_risk_child_is_due_within_a_week(store: Workspace) -> None:
    person = registered(store, risk_level="high", categories=("left_behind_rural",))
    (due,) = agenda.whom_to_visit(store, date(2027, 3, 1)).visits
    assert (due.id, due.overdue > 60) == (person.id, True)
    assert due.reason.endswith(f"过 {due.overdue} 天")


def test_an_ordinary_child_is_registered_and_not_due(store: Workspace) -> None:
    registered(store, categories=("ordinary",))
    assert agenda.whom_to_visit(store, date(2030, 1, 1)).visits == ()


def test_a_finished_visit_moves_the_next_one_and_not_meeting_anyone_does_not(store: Workspace) -> None:
    person = registered(store, risk_level="high", categories=("left_behind_rural",))
    visits.finish(store, DIRECTOR, None, a_full_visit(store, person), today=TODAY)
    (line,) = agenda.whom_to_visit(store, TODAY, days_ahead=30).visits
    assert line.due_on == date(2026, 11, 30)
    later = date(2026, 11, 29)
    missed = replace(a_full_visit(store, person, later), outcome="not_home")
    visits.finish(store, DIRECTOR, None, missed, today=later)
    (line,) = agenda.whom_to_visit(store, TODAY, days_ahead=30).visits
    assert (line.due_on, line.last_visited_on) == (date(2026, 11, 30), TODAY)


def test_an_unfinished_visit_says_everything_that_is_missing(store: Workspace) -> None:
    person = registered(store)
    form = visits.start_visit(store, DIRECTOR, person.id, "child", TODAY)
    with pytest.raises(Unfinished) as caught:
        visits.finish(store, DIRECTOR, None, form.visit, today=TODAY)
    assert {problem.field for problem in caught.value.problems} >= {"informant", "living", "child_seen", "mind"}
    assert store.count(ChildVisit) == 0


def test_a_draft_is_taken_up_again_and_gone_after_finishing(store: Workspace) -> None:
    person = registered(store)
    visit = a_full_visit(store, person)
    visits.save_draft(store, DIRECTOR, None, visit)
    again = visits.start_visit(store, DIRECTOR, person.id, "child", TODAY)
    assert again.visit == visit
    visits.finish(store, DIRECTOR, None, again.visit, today=TODAY)
    assert store.drafts() == []


def test_a_visit_and_its_draft_change_together_or_not_at_all(
    store: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = registered(store)
    visit = a_full_visit(store, person)
    visits.save_draft(store, DIRECTOR, None, visit)

    def full(*_: object, **__: object) -> None:
        raise DiskFull("硬盘满了。")

    monkeypatch.setattr(store, "_save", full)
    with pytest.raises(DiskFull):
        visits.finish(store, DIRECTOR, None, visit, today=TODAY)
    assert [draft.edited for draft in store.drafts()] == [visit]
    assert store.count(ChildVisit) == 0


def test_safety_questions_are_never_kept_and_other_answers_are_marked(store: Workspace) -> None:
    person = registered(store)
    visits.finish(store, DIRECTOR, None, a_full_visit(store, person), today=TODAY)
    form = visits.start_visit(store, DIRECTOR, person.id, "child", TODAY)
    assert form.last is not None
    assert not set(visits.SAFETY["child_visit"]) & set(form.keepable)
    kept = visits.keep_all_answers(form.visit, form.last)
    assert (kept.living, kept.injuries) == ("吃穿都有", None)  # type: ignore[union-attr]
    assert "living" in kept.kept_answers
    with pytest.raises(UserError):
        visits.keep_answer(form.visit, form.last, "injuries")
    assert "living" not in visits.answered(kept, "living", "换了新房").kept_answers


def test_three_kept_answers_in_a_row_are_pointed_out(store: Workspace) -> None:
    person = registered(store)
    for day in (1, 8, 15):
        on = date(2026, 11, day)
        visits.finish(store, DIRECTOR, None, a_full_visit(store, person, on, kept_answers=("living",)), today=on)
    assert visits.start_visit(store, DIRECTOR, person.id, "child", TODAY).stale == ("living",)


def test_a_finding_of_harm_asks_for_the_page_with_110_first(store: Workspace) -> None:
    person = registered(store)
    assert visits.suggests_harm(a_full_visit(store, person, injuries="unexplained"))
    assert not visits.suggests_harm(a_full_visit(store, person))


def test_the_death_of_a_caregiver_makes_a_visit_due_within_a_day(store: Workspace) -> None:
    person = registered(store, risk_level="low", categories=("left_behind_rural",))
    grandmother = store.save(DIRECTOR, (None, a_person(name="测试奶奶", sex="2"))).records[0]
    store.save(DIRECTOR, (None, Kinship(subject=person.id, relative=grandmother.id, relation="62", is_caregiver=True)))
    event = life.record_death(store, DIRECTOR, grandmother.id, TODAY, today=TODAY)
    (due,) = agenda.whom_to_visit(store, TODAY, days_ahead=1).visits
    assert (due.id, due.due_on) == (person.id, date(2026, 11, 24))
    assert any("测试童" in words for words in event.to_do)


def test_someone_away_is_phoned_and_someone_home_again_is_visited(store: Workspace) -> None:
    person = registered(store, risk_level="high", categories=("left_behind_rural",))
    stay = Stay(subject=person.id, place="with_parents", since=date(2026, 11, 1), until=date(2027, 3, 1))
    life.go_out(store, DIRECTOR, stay, today=TODAY)
    assert agenda.whom_to_visit(store, TODAY, days_ahead=30).visits[0].mode == "phone"
    life.come_home(store, DIRECTOR, [person.id], date(2026, 11, 20))
    assert agenda.whom_to_visit(store, TODAY, days_ahead=30).visits[0].mode == "home"


def test_who_died_is_no_longer_due(store: Workspace) -> None:
    person = registered(store, risk_level="high", categories=("left_behind_rural",))
    life.record_death(store, DIRECTOR, person.id, TODAY, today=TODAY)
    assert agenda.whom_to_visit(store, date(2027, 6, 1)).visits == ()


def test_a_death_in_the_future_is_refused(store: Workspace) -> None:
    person = registered(store)
    with pytest.raises(Unfinished):
        life.record_death(store, DIRECTOR, person.id, date(2027, 1, 1), today=TODAY)


def test_a_household_is_visited_on_one_page(store: Workspace) -> None:
    first = registered(store, "测试大")
    second = registered(store, "测试小")
    household = store.save(DIRECTOR, (None, Household(org=VILLAGE))).records[0]
    for person in (first, second):
        store.save(DIRECTOR, (person, replace(person, household=household.id)))
    members = visits.members_to_visit(store, second.id)
    assert [member.person.name for member in members] == ["测试小", "测试大"]


def test_a_carried_sheet_has_a_number_that_opens_it_again(store: Workspace) -> None:
    person = registered(store)
    numbered = papers.number_sheets(store, DIRECTOR, papers.gather(store, [person.id], "child"), "visit_sheet", "1")
    number = numbered.files[0].number
    assert papers.sheet_by_number(store, number.lower().replace("-", "")).person == person.id
    assert len(papers.sheets_not_typed_in(store)) == 1
    visit = a_full_visit(store, person, sheet=store.find(Sheet)[0].id)
    visits.finish(store, DIRECTOR, None, visit, today=TODAY)
    assert papers.sheets_not_typed_in(store) == []


def test_a_mistyped_sheet_number_is_told_from_one_of_another_laptop(store: Workspace) -> None:
    with pytest.raises(UserError, match="不对"):
        papers.sheet_by_number(store, "AB-0001-X1")
    with pytest.raises(UserError, match="没有表号"):
        papers.sheet_by_number(store, papers.make("AB", 7))


def test_the_month_counts_each_person_once(store: Workspace) -> None:
    person = registered(store, risk_level="high", categories=("left_behind_rural",))
    for day in (3, 10):
        on = date(2026, 11, day)
        visits.finish(store, DIRECTOR, None, a_full_visit(store, person, on), today=on)
    progress = agenda.month_progress(store, TODAY)
    assert (progress.met, progress.due, progress.met_by_day[2], progress.met_by_day[1]) == (1, 1, 1, 0)
    assert agenda.month_progress(store, TODAY, org="530602001001").met == 0


def test_undoing_a_registration_leaves_who_was_visited_since(store: Workspace) -> None:
    """A visit must not be left over that belongs to nobody; the parents it may name stay too."""
    changes = register.register_child(
        store, DIRECTOR, a_person(name="测试童"), Child(), household=Household(org=VILLAGE, head_name="测试奶奶"),
        relatives=[register.NewRelative(Person(name="测试奶奶", sex="2"), Kinship(relation="62"))], today=TODAY,
    )  # fmt: skip
    child = next(iter(store.every(Child)))
    visits.finish(store, DIRECTOR, None, a_full_visit(store, store.require(Person, child.id)), today=TODAY)
    undone = store.undo(DIRECTOR, changes.batch)
    assert ("person", child.id) in undone.kept
    assert store.count(Person) == 2
    assert store.count(Child) == store.count(Kinship) == store.count(Household) == 1


def test_undoing_a_registration_leaves_the_parent_of_a_sibling_added_since(store: Workspace) -> None:
    father = register.NewRelative(Person(name="测试爸", sex="1"), Kinship(relation="51"))
    first = register.register_child(store, DIRECTOR, a_person(), Child(), relatives=[father], today=TODAY)
    elder_sibling = next(iter(store.every(Child)))
    person, child, relatives = register.sibling_of(store, elder_sibling.id)
    person = replace(person, name="测试妹", sex="2")
    register.register_child(store, DIRECTOR, person, child, relatives=relatives, today=TODAY)
    store.undo(DIRECTOR, first.batch)
    sibling = next(iter(store.every(Child)))
    assert sibling.id != elder_sibling.id
    assert [person.name for _, person in register.family_of(store, sibling.id)] == ["测试爸"]


def test_undoing_a_registration_leaves_whom_a_visit_is_being_written_about(store: Workspace) -> None:
    changes = register.register_child(store, DIRECTOR, a_person(), Child(), today=TODAY)
    child = next(iter(store.every(Child)))
    visits.save_draft(store, DIRECTOR, None, ChildVisit(subject=child.id))
    assert ("child", child.id) in store.undo(DIRECTOR, changes.batch).kept
    assert store.get(Child, child.id) is not None


def test_a_death_can_be_recorded_of_whom_little_is_known(store: Workspace) -> None:
    """A grandmother who came with an import has no sex and no birth date on file; she dies all the same."""
    known = store.save(DIRECTOR, (None, Person(org=VILLAGE, name="测试奶奶"))).records[0]
    life.record_death(store, DIRECTOR, known.id, TODAY, today=TODAY)
    assert store.require(Person, known.id).died_on == TODAY


def test_what_is_wrong_with_a_death_or_a_move_itself_is_refused(store: Workspace) -> None:
    person = registered(store)
    with pytest.raises(Unfinished):
        life.record_death(store, DIRECTOR, person.id, date(2027, 1, 1), today=TODAY)
    with pytest.raises(Unfinished):
        life.move_out(store, DIRECTOR, person.id, TODAY, "远" * 101, today=TODAY)
    assert store.require(Person, person.id) == person


@pytest.mark.parametrize("slip", [date.min, date.max])
def test_a_slip_of_the_year_stops_neither_a_save_nor_the_agenda(store: Workspace, slip: date) -> None:
    """The form refuses such days, but they may come from the county or an older program."""
    person = registered(store, categories=("left_behind_rural",), risk_level="high")
    child = store.require(Child, person.id)
    store.save(DIRECTOR, (child, replace(child, changed_on=slip)))
    store.save(DIRECTOR, (None, ChildVisit(subject=person.id, visited_on=slip, outcome="met", next_visit_on=slip)))
    store.save(DIRECTOR, (None, Stay(subject=person.id, place="hospital", since=slip, until=slip)))
    life.come_home(store, DIRECTOR, [person.id], slip)
    agenda.whom_to_visit(store, TODAY)


def test_an_identifier_that_no_clock_made_can_be_due(store: Workspace) -> None:
    store.save(DIRECTOR, (None, a_person(id="f" * 32)), (None, Child(id="f" * 32, risk_level="high")))
    assert [visit.id for visit in agenda.whom_to_visit(store, TODAY).visits] == ["f" * 32]


def test_kin_in_a_circle_ends_somewhere(store: Workspace) -> None:
    one, other = registered(store, "测试甲"), registered(store, "测试乙")
    for subject, relative in ((one, other), (other, one), (one, one)):
        tie = Kinship(subject=subject.id, relative=relative.id, relation="51", is_caregiver=True, is_guardian=True)
        store.save(DIRECTOR, (None, tie))
    assert len(visits.members_to_visit(store, one.id)) == 2
    assert len(papers.gather(store, [one.id, other.id], "child")) == 2
    life.record_death(store, DIRECTOR, one.id, TODAY, today=TODAY)


def test_due_dates_are_made_anew_when_the_program_comes_with_other_rules(tmp_path: Path) -> None:
    """Nobody touches a person for months: a new interval must reach them all the same, at the next opening."""
    old = agenda.RulesPlanner(replace(load(), intervals=()), "the rules of last year")
    desk = new_desk(tmp_path / "desk", planner=old)
    person = registered(desk, risk_level="high")
    assert desk.due("2999-12-31") == []
    desk.close()
    again = open_store(tmp_path / "desk", PASSPHRASE, planner=agenda.default_planner())
    assert [line.id for line in again.due("2999-12-31")] == [person.id]
    again.close()


def test_what_the_check_finds_stale_is_made_anew_at_the_next_opening(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk", planner=agenda.default_planner())
    person = registered(desk, risk_level="high")
    with desk._writing() as db:
        db.execute("DELETE FROM roll")
    assert not examine(desk).is_sound
    desk.close()
    again = open_store(tmp_path / "desk", PASSPHRASE, planner=agenda.default_planner())
    assert [line.id for line in again.due("2999-12-31")] == [person.id]
    assert examine(again).is_sound
    again.close()


def test_a_child_registered_while_the_clock_was_in_2040_does_not_wait_until_then(store: Workspace) -> None:
    made_in_2040 = f"{int(datetime(2040, 1, 1, tzinfo=UTC).timestamp() * 1000):012x}" + "7" * 20
    profile = Child(id=made_in_2040, risk_level="high")
    store.save(DIRECTOR, (None, a_person(id=made_in_2040)), (None, profile))
    assert [line.id for line in store.due("2030-01-01")] == [made_in_2040]
