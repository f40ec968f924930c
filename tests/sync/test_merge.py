"""The merge, case by case, in the words of the people it happens to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from app.records.record import Merge
from app.records.shown import as_shown
from sync.merge import DELETED, NEVER, REST, Fate, Merged, Stamp, State, lay_over, merge, settled

RULES = {"phone": Merge.LATEST, "risk": Merge.ASK, "needs": Merge.UNION, DELETED: Merge.LATEST}


@dataclass
class Told:
    """A past told beforehand: (part, stamp) → base."""

    bases: dict[tuple[str, Stamp], Stamp] = field(default_factory=dict)
    steps: list[tuple[str, Stamp, Any]] = field(default_factory=list)
    deleter_saw: dict[str, Stamp] = field(default_factory=dict)

    def parents(self, part: str, stamp: Stamp) -> tuple[Stamp, ...] | None:
        base = self.bases.get((part, stamp))
        return None if base is None else (base,)

    def followers(self, part: str, stamp: Stamp) -> list[Stamp]:
        return [at for (name, at), base in self.bases.items() if (name, base) == (part, stamp)]

    def ops(self, part: str) -> list[tuple[Stamp, Any]]:
        return [(stamp, value) for name, stamp, value in self.steps if name == part]

    def seen(self, stamp: Stamp) -> Mapping[str, Stamp]:
        return self.deleter_saw


def change(
    state: State | None, after: dict[str, Any], bases: dict[str, Stamp], stamp: Stamp = "e:9",
    past: Told | None = None, *, is_new: bool = False,
) -> Merged:  # fmt: skip
    return merge(state, after, bases, stamp, past or Told(), RULES.__getitem__, is_new=is_new)


def test_a_new_record_is_taken_as_it_is() -> None:
    merged = change(None, {"phone": "1", "needs": {"add": ["b", "a"], "remove": []}, "risk": None}, {})
    assert merged.state == State({"phone": "1", "needs": ["a", "b"]}, {REST: "e:9"})
    assert merged.is_clean


def test_an_edit_on_top_of_what_was_seen_is_current() -> None:
    merged = change(State({"phone": "1"}, {REST: "e:1"}), {"phone": "2"}, {"phone": "e:1"})
    assert merged.state == State({"phone": "2"}, {REST: "e:1", "phone": "e:9"})
    assert (merged.is_clean, merged.losers) == (True, ())


def test_different_fields_of_two_desks_both_stay() -> None:
    first = change(State({"phone": "1"}, {REST: "e:1"}), {"phone": "2"}, {"phone": "e:1"}, "e:2")
    second = change(first.state, {"risk": "high"}, {"risk": "e:1"}, "e:3")
    assert second.state.body == {"phone": "2", "risk": "high"}
    assert second.is_clean


def test_the_later_phone_is_current_and_the_other_is_listed() -> None:
    merged = change(State({"phone": "2"}, {REST: "e:1", "phone": "e:2"}), {"phone": "3"}, {"phone": "e:1"})
    assert merged.state.body == {"phone": "3"}
    assert [(loser.value, loser.stamp, loser.must_ask) for loser in merged.losers] == [("2", "e:2", False)]
    assert merged.fates == {"phone": Fate.OVER}


def test_a_risk_level_stays_and_the_other_must_be_looked_at() -> None:
    merged = change(State({"risk": "high"}, {REST: "e:2"}), {"risk": "low"}, {"risk": NEVER})
    assert merged.state.body == {"risk": "high"}
    assert [(loser.value, loser.must_ask) for loser in merged.losers] == [("low", True)]


def test_the_same_value_twice_is_nothing_to_speak_of() -> None:
    merged = change(State({"phone": "2"}, {REST: "e:2"}), {"phone": "2"}, {"phone": NEVER})
    assert (merged.losers, merged.fates) == ((), {"phone": Fate.SAME})
    assert merged.lines == {"phone": "e:2"}


def test_two_desks_add_to_a_set_and_both_stay() -> None:
    state = State({"needs": ["a", "b"]}, {REST: "e:1", "needs": "e:2"})
    merged = change(state, {"needs": {"add": ["c"], "remove": ["a"]}}, {"needs": "e:1"})
    assert merged.state.body == {"needs": ["b", "c"]}
    assert merged.fates == {"needs": Fate.JOINED}


def test_an_entry_taken_out_knowingly_does_not_come_back_with_an_old_unit() -> None:
    past = Told({("needs", "e:5"): "e:3"}, [("needs", "e:5", {"add": [], "remove": ["a"]})])
    state = State({"needs": ["b"]}, {REST: "e:1", "needs": "e:5"})
    merged = change(state, {"needs": {"add": ["a"], "remove": []}}, {"needs": "e:1"}, "e:3", past)
    assert merged.state.body == {"needs": ["b"]}


def came_back(saves: Iterable[tuple[Stamp, Stamp, dict[str, list[str]]]]) -> list[str]:
    """The set at a restored county that gets these saves (stamp, base, op) in this order."""
    past, state = Told({("needs", "e:1"): NEVER}), State({"phone": "1"}, {REST: "e:1"})
    for stamp, base, op in saves:
        state = change(state, {"needs": op}, {"needs": base}, stamp, past).state
        past.bases["needs", stamp] = base
        past.steps.append(("needs", stamp, op))
    found: list[str] = state.body["needs"]
    return found


def test_an_entry_taken_out_knowingly_stays_out_in_whatever_order_a_restored_county_gets_the_saves_back() -> None:
    saves = [
        ("e:2", "e:1", {"add": ["a"], "remove": []}),
        ("e:3", "e:2", {"add": ["b"], "remove": []}),
        ("e:4", "e:3", {"add": [], "remove": ["a"]}),
        ("e:5", "e:4", {"add": ["c"], "remove": []}),
    ]
    assert [came_back(order) for order in permutations(saves)] == [["b", "c"]] * 24


def test_an_entry_put_in_again_after_it_was_taken_out_stays_in_whatever_the_order() -> None:
    saves = [
        ("e:2", "e:1", {"add": ["a"], "remove": []}),
        ("e:3", "e:2", {"add": [], "remove": ["a"]}),
        ("e:4", "e:3", {"add": ["b"], "remove": []}),
        ("e:5", "e:4", {"add": ["a"], "remove": []}),
    ]
    assert [came_back(order) for order in permutations(saves)] == [["a", "b"]] * 24


def test_an_entry_that_was_taken_out_does_not_come_back_with_another_one_because_the_line_to_it_is_lost() -> None:
    bases = {("needs", "e:2"): NEVER, ("needs", "e:5"): "e:3", ("needs", "f:9"): "e:8"}
    ops = [("e:2", {"add": ["a"]}), ("e:5", {"add": ["c"]}), ("f:9", {"remove": ["a"]})]
    past = Told(bases, [("needs", at, op) for at, op in ops])
    state = State({"needs": ["c"]}, {REST: "e:1", "needs": "f:9"})
    merged = change(state, {"needs": {"add": ["b"], "remove": []}}, {"needs": NEVER}, "e:3", past)
    assert merged.state.body == {"needs": ["b", "c"]}


def test_a_clear_is_a_value_like_any_other() -> None:
    state = State({"phone": "1"}, {REST: "e:1"})
    cleared = change(state, {"phone": None}, {"phone": "e:1"}, "e:2").state
    assert cleared == State({}, {REST: "e:1", "phone": "e:2"})
    late = change(cleared, {"phone": "3"}, {"phone": "e:1"}, "e:3")
    assert [(loser.value, loser.stamp) for loser in late.losers] == [(None, "e:2")]


def test_what_is_given_back_after_its_successor_is_known_already() -> None:
    past = Told({("phone", "e:5"): "e:4"})
    state = State({"phone": "5"}, {REST: "e:1", "phone": "e:5"})
    merged = change(state, {"phone": "4"}, {"phone": "e:1"}, "e:4", past)
    assert merged.fates == {"phone": Fate.SEEN}
    assert merged.state == state


def test_stamps_that_run_in_a_circle_end_the_walk() -> None:
    past = Told({("phone", "e:5"): "e:6", ("phone", "e:6"): "e:5"})
    state = State({"phone": "5"}, {"phone": "e:5"})
    merged = change(state, {"phone": "7"}, {"phone": "f:1"}, "f:7", past)
    assert merged.fates == {"phone": Fate.OVER}


def test_a_deletion_that_had_seen_everything_takes_effect() -> None:
    state = State({"phone": "1"}, {REST: "e:1", "phone": "e:2"})
    merged = change(state, {DELETED: True}, {REST: "e:1", "phone": "e:2"})
    assert merged.state.is_deleted
    assert merged.is_clean


def test_an_edit_wins_over_a_deletion_that_had_not_seen_it_whichever_comes_first() -> None:
    state = State({"phone": "1"}, {REST: "e:1"})
    edited = change(state, {"phone": "2"}, {"phone": "e:1"}, "e:2").state
    late_delete = change(edited, {DELETED: True}, {REST: "e:1"}, "e:3")
    assert not late_delete.state.is_deleted
    assert [(loser.part, loser.stamp) for loser in late_delete.losers] == [(DELETED, "e:3")]
    deleted = change(state, {DELETED: True}, {REST: "e:1"}, "e:2").state
    late_edit = change(deleted, {"phone": "2"}, {"phone": "e:1"}, "e:3")
    assert late_edit.state.body == {"phone": "2"}
    assert [(loser.part, loser.stamp) for loser in late_edit.losers] == [(DELETED, "e:2")]


def test_what_left_the_bin_is_there_again() -> None:
    deleted = change(State({"phone": "1"}, {REST: "e:1"}), {DELETED: True}, {REST: "e:1"}, "e:2").state
    back = change(deleted, {DELETED: False}, {DELETED: "e:2"}, "e:3")
    assert back.state.body == {"phone": "1"}
    assert back.is_clean


def test_a_second_desk_that_registers_the_same_person_fills_what_was_empty() -> None:
    merged = change(State({"phone": "1"}, {REST: "e:1"}), {"risk": "low"}, {}, "e:2")
    assert merged.state == State({"phone": "1", "risk": "low"}, {REST: "e:1", "risk": "e:2"})


def test_the_creation_comes_in_beneath_an_edit_that_arrived_before_it() -> None:
    first = change(None, {"phone": "2"}, {"phone": "e:4"}, "e:5").state
    past = Told({("phone", "e:5"): "e:4"})
    merged = change(first, {"phone": "1", "risk": "low"}, {}, "e:4", past)
    assert merged.state.body == {"phone": "2", "risk": "low"}
    assert merged.losers == ()


def test_a_desk_does_not_lay_its_edit_over_what_others_made_of_it() -> None:
    newer = State({"phone": "3"}, {REST: "e:1", "phone": "e:7"})
    assert settled(newer, {"phone": "2"}, "e:5", clean=True) == newer
    older = State({"phone": "1"}, {REST: "e:1"})
    assert settled(older, {"phone": "2"}, "e:5", clean=True) == lay_over(older, {"phone": "2"}, "e:5")
    assert settled(older, {"phone": "2"}, "e:5", clean=False) == older


def test_where_the_line_is_lost_nothing_counts_as_seen() -> None:
    # 1 and 2 were written without knowledge of each other, 3 upon 2, and nobody has 2 any more.
    state = State({"risk": "1"}, {"risk": "e:1"})
    merged = change(state, {"risk": "3"}, {"risk": "e:2"}, "e:3")
    assert (merged.state, merged.fates) == (state, {"risk": Fate.LISTED})
    assert [(loser.value, loser.stamp, loser.must_ask) for loser in merged.losers] == [("3", "e:3", True)]
    later = State({"risk": "3"}, {"risk": "e:3"})
    merged = change(later, {"risk": "1"}, {}, "e:1", Told({("risk", "e:3"): "e:2"}, [("risk", "e:3", "3")]))
    assert (merged.state, merged.fates) == (later, {"risk": Fate.LISTED})
    assert [(loser.value, loser.stamp, loser.must_ask) for loser in merged.losers] == [("1", "e:1", True)]


def test_what_was_replaced_knowingly_stays_replaced_even_if_its_successor_was_only_listed() -> None:
    # Across two lives nothing tells that 3 follows 1, until 2, which lies between them, is back.
    past = Told({("risk", "e:1"): NEVER, ("risk", "f:3"): "f:2"}, [("risk", "e:1", "1"), ("risk", "f:3", "3")])
    state = State({"risk": "1"}, {"risk": "e:1"})
    assert change(state, {"risk": "3"}, {"risk": "f:2"}, "f:3").fates == {"risk": Fate.LISTED}
    merged = change(state, {"risk": "2"}, {"risk": "e:1"}, "f:2", past)
    assert merged.state == State({"risk": "3"}, {"risk": "f:3"})
    assert merged.losers == ()


def test_a_deletion_buries_of_a_set_what_its_author_saw_and_nothing_more() -> None:
    state = State({"needs": ["a", "b"]}, {REST: "e:1", "needs": "e:2"})
    for saw, fate in ((("a",), Fate.LISTED), (("b", "a"), Fate.CURRENT), (("a", "b", "c"), Fate.CURRENT)):
        bases = {**state.stamps, **as_shown(None, {"needs": saw})}
        assert change(state, {DELETED: True}, bases, "f:3").fates.get(DELETED, Fate.CURRENT) is fate
    # A program that does not know the set has seen what it has the stamp of; so an odd value in a set's place.
    assert change(state, {DELETED: True}, {REST: "e:1", "needs": "e:2"}, "e:3").is_clean
    assert not change(state, {DELETED: True}, {REST: "e:1"}, "e:3").is_clean
    odd = State({"needs": "a"}, {REST: "e:1", "needs": "e:2"})
    assert change(odd, {DELETED: True}, {REST: "e:1", "needs": "e:2"}).fates == {}
    assert change(odd, {DELETED: True}, {REST: "e:1", "needs": "e:1"}).fates == {DELETED: Fate.LISTED}


def test_a_deletion_stands_beside_what_was_put_in_before_it_and_not_beside_what_was_taken_out_unseen() -> None:
    state = State({"needs": ["a"], DELETED: True}, {REST: "e:1", DELETED: "e:4"})
    past = Told(deleter_saw={REST: "e:1", **as_shown(None, {"needs": ["a", "b"]})})
    for add, remove, is_deleted in (("b", "", True), ("c", "", False), ("", "a", False), ("", "c", True)):
        told = {"needs": {"add": [*add], "remove": [*remove]}}
        assert change(state, told, {"needs": "e:1"}, "e:2", past).state.is_deleted is is_deleted


def test_a_deletion_that_was_listed_takes_no_effect_because_a_save_beneath_it_comes_back() -> None:
    bases = {(DELETED, "e:2"): "e:1", (DELETED, "e:4"): "e:3"}
    state = State({"phone": "2"}, {REST: "e:1", "phone": "e:5", DELETED: "e:2"})
    for saw, is_deleted in (("e:1", False), ("e:5", True)):
        past = Told(bases, [(DELETED, "e:2", False), (DELETED, "e:4", True)], {REST: "e:1", "phone": saw})
        merged = change(state, {DELETED: False}, {DELETED: "e:2", REST: "e:1"}, "e:3", past)
        assert merged.state.is_deleted is is_deleted


def test_a_deletion_that_is_given_back_before_what_it_buried_still_holds() -> None:
    state = State({"phone": "1", DELETED: True}, {REST: "e:1", DELETED: "e:3"})
    past = Told(deleter_saw={REST: "e:1", "phone": "e:2"})
    assert change(state, {"phone": "2"}, {"phone": "e:1"}, "e:2", past).state.is_deleted
    late = change(state, {"phone": "4"}, {"phone": "e:1"}, "e:4", past)
    assert not late.state.is_deleted
    assert [(loser.part, loser.stamp) for loser in late.losers] == [(DELETED, "e:3")]
