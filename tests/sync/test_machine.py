"""Two desks with open forms and a county, all of them real, driven anywhere Hypothesis likes to go."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from app.errors import CountyUnreachable
from app.records import Conflict, Person
from app.records.record import amended
from app.store.changes import writing
from sync.client.engine import pending
from sync.merge import Merged, State, lay_over
from sync.messages import Enrolment, Page, Request, Sums, Welcome
from sync.server import taking
from sync.server.county import CountyServer, county_init
from tests.support.ancestry import ancestors
from tests.sync.desks import COUNTY, VILLAGE, Desk, new_desk


class LostAnswers:
    """A line on which the county hears everything and the desk nothing."""

    def __init__(self, county: CountyServer) -> None:
        self._county = county

    def __getattr__(self, name: str) -> Any:
        return getattr(self._county, name)

    def exchange(self, request: Request) -> Iterator[Page]:
        list(self._county.exchange(request))
        raise CountyUnreachable("资料都在这台电脑上，没有丢。线路断了。")

    def enrol(self, enrolment: Enrolment) -> Welcome:
        return self._county.enrol(enrolment)

    def sums(self, device: str) -> Sums:
        return self._county.sums(device)


class TwoDesks(RuleBasedStateMachine):
    """Every value that somebody saved must be current, replaced by one who saw it, or listed."""

    people = Bundle("people")
    forms = Bundle("forms")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine"))
        self.word = 0
        self.parents: dict[tuple[str, str], dict[str, set[str]]] = {}
        self.added: dict[str, set[str]] = {}
        self.removed: dict[str, set[str]] = {}

    @initialize()
    def begin(self) -> None:
        self.county = county_init(self.folder / "county", COUNTY, "昭阳区")
        self.desks = [new_desk(self.folder / name, VILLAGE, "child_director", holder=name) for name in ("甲", "乙")]
        for desk in self.desks:
            desk.join(self.county)

    def teardown(self) -> None:
        if hasattr(self, "desks"):
            for desk in self.desks:
                desk.store.close()
            self.county.ledger.close()
        shutil.rmtree(self.folder)

    def new_word(self) -> str:
        self.word += 1
        return f"词{self.word}"

    @rule(target=people, at=st.integers(0, 1))
    def register(self, at: int) -> str:
        return self.desks[at].person(self.new_word()).id

    @rule(target=forms, at=st.integers(0, 1), person=people)
    def open_form(self, at: int, person: str) -> Any:
        found = self.desks[at].store.get(Person, person)
        return (at, found) if found else multiple()

    @rule(form=consumes(forms), field=st.sampled_from(("village_group", "note")))
    def save_form(self, form: tuple[int, Person], field: str) -> None:
        self.write(form, field)

    def write(self, form: tuple[int, Person], field: str) -> None:
        at, loaded = form
        value, shown = self.new_word(), getattr(loaded, field)
        own = self.parents.setdefault((loaded.id, field), {}).setdefault(value, set())
        own.update({shown} - {None})
        self.keep(at, loaded, **{field: value})

    @rule(person=people, field=st.sampled_from(("village_group", "note")))
    def both_write_the_same_field(self, person: str, field: str) -> None:
        """What a free choice of steps rarely comes to: two forms of one person open at once, both saved."""
        found = [(at, desk.store.get(Person, person)) for at, desk in enumerate(self.desks)]
        for at, loaded in found:
            if loaded:
                self.write((at, loaded), field)

    @rule(form=consumes(forms), take_out=st.booleans())
    def save_other_names(self, form: tuple[int, Person], take_out: bool) -> None:
        at, loaded = form
        if take_out and loaded.other_names:
            self.removed.setdefault(loaded.id, set()).add(loaded.other_names[0])
            self.keep(at, loaded, other_names=loaded.other_names[1:])
        else:
            word = self.new_word()
            self.added.setdefault(loaded.id, set()).add(word)
            self.keep(at, loaded, other_names=(*loaded.other_names, word))

    def keep(self, at: int, loaded: Person, **fields: Any) -> None:
        desk = self.desks[at]
        desk.store.save(desk.store.holder, (loaded, amended(loaded, {k: _json(v) for k, v in fields.items()})))

    @rule(at=st.integers(0, 1))
    def exchange(self, at: int) -> None:
        assert self.desks[at].exchange(self.county).delivered

    @rule(at=st.integers(0, 1))
    def exchange_and_lose_the_answer(self, at: int) -> None:
        with pytest.raises(CountyUnreachable):
            self.desks[at].exchange(LostAnswers(self.county))

    @rule()
    def both_agree_and_nothing_is_lost(self) -> None:
        for desk in (*self.desks, *self.desks):
            assert desk.exchange(self.county).delivered
        rows = [_rows(desk) for desk in self.desks]
        assert rows[0] == rows[1]
        listed = self.listed()
        people = {each.id: each for each in self.desks[0].store.every(Person)}
        for (person, field), parents in self.parents.items():
            ends = {getattr(people[person], field), *listed.get((person, field), ())}
            assert parents.keys() <= ancestors(ends, parents)
        for person, entries in self.added.items():
            assert entries - self.removed.get(person, set()) <= set(people[person].other_names)

    def listed(self) -> dict[tuple[str, str], set[str]]:
        found: dict[tuple[str, str], set[str]] = {}
        for conflict in self.desks[0].store.every(Conflict):
            found.setdefault((conflict.about or "", conflict.part or ""), set()).add((conflict.other or "").strip('"'))
        return found

    @invariant()
    def no_shadow_without_something_that_waits(self) -> None:
        for desk in getattr(self, "desks", ()):
            if pending(desk.store) == 0:
                with writing(desk.store) as work:
                    assert work.db.execute("SELECT count(*) FROM shadow").fetchone()[0] == 0


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _rows(desk: Desk) -> dict[str, tuple[Person, dict[str, str]]]:
    """All persons with their stamps, on a desk that was never told less than it needed."""
    assert desk.store.audit_log("digest_differs") == []
    return {each.id: (replace(each, stamps={}), dict(each.stamps)) for each in desk.store.every(Person)}


BOUNDED = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
TwoDesks.TestCase.settings = BOUNDED
TestTwoDesks = TwoDesks.TestCase


def _last_arrival_wins(
    state: State | None, after: dict[str, Any], bases: object, stamp: str, *_: object, **__: object
) -> Merged:
    return Merged(lay_over(state, after, stamp))


def test_the_machine_notices_a_county_where_the_last_to_arrive_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "merge", _last_arrival_wins)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(TwoDesks, settings=settings(BOUNDED, max_examples=400, phases=[Phase.generate]))
