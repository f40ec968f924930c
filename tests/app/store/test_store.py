"""Saving, history, undo, drafts, bin: nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import (
    NotFound,
    StoreTooNew,
    TooManyTries,
    UnknownField,
    UserError,
    WeakPassphrase,
    WorkspaceExists,
    WorkspaceInUse,
    WrongPassphrase,
)
from app.records import RECORD_TYPES, Child, ChildVisit, Person
from app.store import ListQuery, Post, create_store, open_store, vault
from app.store.changes import writing
from app.store.schema import columns
from app.store.workspace import Workspace
from tests.support.desks import OTHER, PASSPHRASE, VILLAGE, WORKER, a_child, a_person, new_desk


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    desk = new_desk(tmp_path / "desk")
    yield desk
    desk.close()


def saved(store: Workspace, record: Person) -> Person:
    return store.save(WORKER, (None, record)).records[0]  # type: ignore[return-value]


def test_a_saved_person_reads_back_the_same(store: Workspace) -> None:
    person = saved(store, a_person(phones=("13800000000", "0870-0000000"), lives_at_registered=True))
    assert store.get(Person, person.id) == person


def test_saving_what_did_not_change_leaves_no_trace(store: Workspace) -> None:
    person = saved(store, a_person())
    assert not store.save(WORKER, (person, person))
    assert len(store.history("person", person.id)) == 1


def test_history_keeps_who_when_before_and_after(store: Workspace) -> None:
    person = saved(store, a_person())
    edited = replace(person, name="测试乙", phones=("13900000000",), income_sources=("work",))
    store.save(OTHER, (person, edited))
    last = store.history("person", person.id)[-1]
    assert (last.author, last.before["name"], last.after["name"]) == ("测试员乙", "测试甲", "测试乙")
    assert last.after["phones"] == ["13900000000"]
    assert last.after["income_sources"] == {"add": ["work"], "remove": []}


def test_two_windows_that_change_different_fields_both_stay(store: Workspace) -> None:
    person = saved(store, a_person())
    store.save(WORKER, (person, replace(person, work_place="广东东莞")))
    store.save(OTHER, (person, replace(person, phones=("13900000000",))))
    found = store.require(Person, person.id)
    assert (found.work_place, found.phones) == ("广东东莞", ("13900000000",))


def test_the_base_is_what_the_form_loaded_not_the_row_at_saving(store: Workspace) -> None:
    loaded = saved(store, a_person())
    store.save(WORKER, (loaded, replace(loaded, name="先改的")))
    store.save(OTHER, (loaded, replace(loaded, name="后改的")))
    with store.transaction() as work:
        bases = [row[0] for row in work.db.execute("SELECT bases FROM change ORDER BY n")]
    assert bases == ["{}", '{"name":"~1"}', '{"name":"~1"}']


def test_a_record_that_came_from_the_county_keeps_its_shadow(store: Workspace) -> None:
    from_county = replace(a_person(id="c" * 32), stamps={"*": "e1:7"})
    with store.transaction() as work:
        work.lay(Person, [from_county])
    loaded = store.require(Person, from_county.id)
    store.save(WORKER, (loaded, replace(loaded, name="改过的")))
    with store.transaction() as work:
        shadow = work.db.execute("SELECT type, body, stamps FROM shadow").fetchall()
    assert len(shadow) == 1
    assert '"测试甲"' in shadow[0][1]
    assert store.require(Person, loaded.id).stamps == {"*": "e1:7", "name": "~1"}


def test_what_is_laid_down_can_be_found_and_what_is_removed_cannot(store: Workspace) -> None:
    from_county = replace(a_person(id="c" * 32, name="测试王芳"), stamps={"*": "e1:7"})
    with store.transaction() as work:
        work.lay(Person, [from_county])
        work.lay(Child, [Child(id=from_county.id, stamps={"*": "e1:8"})])
    assert [hit.id for hit in store.search("cswf")] == [from_county.id]
    with store.transaction() as work:
        work.remove(Child, [from_county.id])
        work.remove(Person, [from_county.id])
    assert store.search("cswf") == []
    assert len(store.listing(ListQuery("child"))) == 0


def test_what_was_read_once_is_read_again_after_a_write_and_after_one_that_was_undone(store: Workspace) -> None:
    def count() -> int:
        with store.transaction() as work:
            return work.once.read("count", lambda: int(work.db.execute("SELECT count(*) FROM person").fetchone()[0]))

    assert count() == 0
    saved(store, a_person())
    assert count() == 1

    def undone() -> None:
        with store.together():
            saved(store, a_person())
            assert count() == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert count() == 1


def test_a_setting_is_no_reason_to_read_again_what_was_read_once(store: Workspace) -> None:
    asked: list[str] = []
    for _ in range(2):
        with writing(store) as work:
            work._work.once.read("count", lambda: asked.append("the rows"))
            work.set_setting("tone", {"value": len(asked)})
        store.set_setting("tone", "after")
    assert asked == ["the rows"]


def test_a_batch_is_undone_as_a_whole(store: Workspace) -> None:
    before = saved(store, a_person(name="原来的"))
    other = a_person(name="测试丙")
    batch = store.save(WORKER, (before, replace(before, name="改过的")), (None, other), verb="import").batch
    undone = store.undo(WORKER, batch)
    assert store.require(Person, before.id).name == "原来的"
    assert store.count(Person) == 1
    assert undone.kept == ()


def test_an_undo_leaves_alone_what_was_changed_since(store: Workspace) -> None:
    person = saved(store, a_person())
    changes = store.save(WORKER, (person, replace(person, name="批量改的")), verb="import")
    now = store.require(Person, person.id)
    store.save(OTHER, (now, replace(now, name="后来手改的")))
    undone = store.undo(WORKER, changes.batch)
    assert store.require(Person, person.id).name == "后来手改的"
    assert undone.kept == (("person", person.id),)


def test_an_undo_can_be_undone(store: Workspace) -> None:
    changes = store.save(WORKER, (None, a_person()))
    again = store.undo(WORKER, changes.batch).changes
    assert store.count(Person) == 0
    store.undo(WORKER, again.batch)
    assert store.count(Person) == 1


def test_undoing_nothing_says_so(store: Workspace) -> None:
    with pytest.raises(UserError):
        store.undo(WORKER, "no such batch")


def test_a_deleted_record_lies_in_the_bin_and_comes_back(store: Workspace) -> None:
    person = saved(store, a_person(name="测试丁"))
    store.delete(WORKER, person)
    assert store.get(Person, person.id) is None
    assert store.search("测试丁") == []
    (found,) = store.bin()
    store.restore(WORKER, found)
    assert store.require(Person, person.id).name == "测试丁"
    assert [hit.id for hit in store.search("测试丁")] == [person.id]


def test_a_draft_survives_a_restart_with_its_bases(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    person = saved(desk, a_person())
    desk.put_draft(WORKER, person, replace(person, name="写到一半"))
    desk.close()
    again = open_store(tmp_path / "desk", PASSPHRASE)
    draft = again.draft("person", person.id)
    assert draft is not None
    assert draft.loaded is not None
    assert (draft.edited.name, draft.loaded.stamps) == ("写到一半", {"*": "~1"})
    assert again.require(Person, person.id).name == "测试甲"
    again.drop_draft("person", person.id)
    assert again.drafts() == []
    again.close()


def test_unknown_fields_of_a_newer_desk_survive(store: Workspace) -> None:
    person = saved(store, a_person(extra={"shoe_size": 36}))
    store.save(WORKER, (person, replace(person, name="测试乙")))
    assert store.require(Person, person.id).extra == {"shoe_size": 36}


def test_asking_for_an_unknown_field_is_refused(store: Workspace) -> None:
    with pytest.raises(UnknownField):
        store.find(Person, shoe_size="36; DROP TABLE person")


def test_a_missing_record_is_said_plainly(store: Workspace) -> None:
    with pytest.raises(NotFound):
        store.require(Person, "nobody")


@pytest.mark.parametrize("typed", ["测试王", "csw", "ceshiwang", "三组", "002X", "王芳"])
def test_search_finds_by_name_pinyin_initials_group_and_last_four(store: Workspace, typed: str) -> None:
    person = saved(store, a_person(name="测试王芳", village_group="三组", id_number="11010519491231002X", id_type="01"))
    saved(store, a_person(name="测试李明", village_group="五组"))
    assert [hit.id for hit in store.search(typed)] == [person.id]


@pytest.mark.parametrize(
    "typed", ['"', "'", "* OR", "name:", "()", "NEAR(", "\x00", "😀", "a" * 5000, "AND NOT", "-", "^"]
)
def test_search_never_raises(store: Workspace, typed: str) -> None:
    saved(store, a_person())
    assert isinstance(store.search(typed), list)


def test_every_reading_of_a_surname_finds(store: Workspace) -> None:
    person = saved(store, a_person(name="单试"))
    for typed in ("shan", "dan", "ss", "ds"):
        assert [hit.id for hit in store.search(typed)] == [person.id]


def test_the_roll_knows_the_last_time_someone_was_met(store: Workspace) -> None:
    from datetime import date

    person = saved(store, a_person())
    store.save(WORKER, (None, a_child(person, risk_level="high")))
    for day, outcome in ((1, "met"), (9, "not_home")):
        visit = ChildVisit(subject=person.id, visited_on=date(2026, 11, day), outcome=outcome, mode="home")
        store.save(WORKER, (None, visit))
    listing = store.listing(ListQuery("child", org=VILLAGE, risk_levels=("high",)))
    (line,) = listing.page(0, 10)
    assert (line.name, line.last_visited_on) == ("测试甲", "2026-11-01")


def test_settings_and_the_log_are_kept(store: Workspace) -> None:
    store.set_setting("columns", {"child": ["name"]})
    store.audit(WORKER, "print", form="visit_sheet", pages=3)
    assert store.setting("columns") == {"child": ["name"]}
    assert [(entry.verb, entry.detail) for entry in store.audit_log()] == [
        ("print", {"form": "visit_sheet", "pages": 3})
    ]


def test_a_reader_sees_what_was_saved_and_cannot_write(store: Workspace) -> None:
    person = saved(store, a_person())
    reader = store.reader()
    assert reader.get(Person, person.id) == person
    with pytest.raises(Exception, match=r"readonly|不能写"):
        reader._db.execute("DELETE FROM person")
    reader.close()


def test_migrations_arrive_at_what_the_record_types_declare(store: Workspace) -> None:
    with store.transaction() as work:
        for cls in RECORD_TYPES:
            found = {row[1]: row[2] for row in work.db.execute(f"PRAGMA table_info({cls.spec.name})")}
            declared = {name: kind.split(" ")[0] for name, kind in columns(cls.spec).items()}
            assert found == declared, cls.spec.name


def test_a_wrong_passphrase_is_refused_and_the_wait_survives_a_restart(tmp_path: Path) -> None:
    new_desk(tmp_path / "desk").close()
    for _ in range(vault.FREE_TRIES):
        with pytest.raises(WrongPassphrase):
            open_store(tmp_path / "desk", "完全不对的口令")
    with pytest.raises(TooManyTries):
        open_store(tmp_path / "desk", PASSPHRASE)


def test_the_recovery_code_opens_and_one_miscopied_group_is_found(tmp_path: Path) -> None:
    post = Post(VILLAGE, "child_director", "练习村儿童主任")
    made = create_store(tmp_path / "desk", PASSPHRASE, post=post, holder_name="测试员甲")
    made.store.close()
    again = open_store(tmp_path / "desk", made.recovery_code.lower().replace("-", " "))
    assert again.holder.name == "测试员甲"
    again.close()
    groups = made.recovery_code.split("-")
    groups[2] = groups[2][:-1] + ("7" if groups[2][-1] != "7" else "8")
    assert [right for _, right in vault.recovery_code_groups("-".join(groups))].count(False) == 1


def test_several_persons_hold_a_key_and_are_the_authors(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    desk.add_holder("测试员乙", "另一个人的口令")
    desk.close()
    again = open_store(tmp_path / "desk", "另一个人的口令")
    assert again.holder.name == "测试员乙"
    again.close()


def test_a_weak_passphrase_makes_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WeakPassphrase):
        create_store(tmp_path / "desk", "12345678", post=Post(VILLAGE, "child_director", "x"), holder_name="甲")
    assert not (tmp_path / "desk").exists()


def test_a_second_process_is_turned_away(store: Workspace) -> None:
    with pytest.raises(WorkspaceInUse):
        open_store(store.folder, PASSPHRASE)


def test_a_workspace_is_not_made_over_another(store: Workspace) -> None:
    with pytest.raises(WorkspaceExists):
        create_store(store.folder, PASSPHRASE, post=store.post, holder_name="甲")


def test_a_newer_store_is_refused_and_not_touched(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    with desk.transaction() as work:
        work.db.execute("UPDATE _sqlite_migrations SET name = 'm9999_later' WHERE name = 'm0002_keeping'")
    desk.close()
    before = (tmp_path / "desk" / "shouwang.db").read_bytes()
    with pytest.raises(StoreTooNew):
        open_store(tmp_path / "desk", PASSPHRASE)
    assert (tmp_path / "desk" / "shouwang.db").read_bytes() == before


def test_the_file_opens_with_no_other_key_and_shows_nothing(tmp_path: Path) -> None:
    from app.errors import StoreDamaged
    from app.store.connection import connect

    desk = new_desk(tmp_path / "desk")
    saved(desk, a_person(name="测试金丝雀"))
    desk.close()
    path = tmp_path / "desk" / "shouwang.db"
    assert not path.read_bytes().startswith(b"SQLite format 3")
    assert "测试金丝雀".encode() not in path.read_bytes()
    for key in (bytes(32), b"\x01" * 32):
        with pytest.raises(StoreDamaged):
            connect(path, key)


def test_an_edit_of_what_another_window_deleted_brings_it_back(store: Workspace) -> None:
    """The form was open while somebody put the record into the bin: what was typed must not vanish with it."""
    person = saved(store, a_person())
    store.delete(OTHER, person)
    done = store.save(WORKER, (person, replace(person, village_group="九组")))
    found = store.require(Person, person.id)
    assert found.village_group == "九组"
    store.undo(WORKER, done.batch)
    assert store.get(Person, person.id) is None


def test_who_was_put_into_the_bin_can_be_registered_again(store: Workspace) -> None:
    person = saved(store, a_person())
    child = store.save(WORKER, (None, a_child(person))).records[0]
    store.delete(WORKER, child)
    store.save(WORKER, (None, a_child(person, risk_level="high")))
    assert store.require(Child, person.id).risk_level == "high"


def test_undoing_a_restore_puts_the_record_back_into_the_bin(store: Workspace) -> None:
    person = saved(store, a_person())
    store.delete(WORKER, person)
    store.undo(WORKER, store.restore(WORKER, person).batch)
    assert store.get(Person, person.id) is None


def test_half_a_character_anywhere_is_a_sentence_and_changes_nothing(store: Workspace) -> None:
    half = "王\ud83d"
    for ask in (
        lambda: store.save(WORKER, (None, a_person(name=half))),
        lambda: store.save(WORKER, (None, a_person(extra={"later": half}))),
        lambda: store.put_draft(WORKER, None, a_person(name=half)),
        lambda: store.find(Person, name=half),
        lambda: store.history("person", half),
        lambda: store.undo(WORKER, half),
        lambda: store.set_setting("later", half),
    ):
        with pytest.raises(UserError):
            ask()
    assert store.search(half) == []
    assert store.count(Person) == 0
