"""The machine of two desks, with an office that backs up, restores any of its copies, and is put back in silence."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from app.store.changes import Writing
from sync.server import copies
from sync.server.county import open_county
from tests.sync.test_machine import BOUNDED, TwoDesks


class Restored(TwoDesks):
    """Whatever the office does to its server, what somebody saved is current, replaced by one who saw it, or listed."""

    def __init__(self) -> None:
        super().__init__()
        self.copies = 0
        self.lives = 0
        self.has_snapshot = False

    @property
    def data(self) -> str:
        return f"county{self.lives}" if self.lives else "county"

    @rule()
    def back_up(self) -> None:
        copies.back_up(self.folder / self.data, self.folder / f"{self.copies}.copy")
        self.copies += 1

    @precondition(lambda self: self.copies > 0)
    @rule(which=st.integers(0, 9))
    def restore(self, which: int) -> None:
        self.county.ledger.close()
        self.lives += 1
        copies.restore(self.folder / f"{which % self.copies}.copy", self.folder / self.data)
        self.county = open_county(self.folder / self.data)
        self.has_snapshot = False

    @rule()
    def snapshot(self) -> None:
        self.county.ledger.close()
        shutil.rmtree(self.folder / "snapshot", ignore_errors=True)
        shutil.copytree(self.folder / self.data, self.folder / "snapshot")
        self.county = open_county(self.folder / self.data)
        self.has_snapshot = True

    @precondition(lambda self: self.has_snapshot)
    @rule()
    def roll_back(self) -> None:
        self.county.ledger.close()
        shutil.rmtree(self.folder / self.data)
        shutil.copytree(self.folder / "snapshot", self.folder / self.data)
        self.county = open_county(self.folder / self.data)


MANY = settings(BOUNDED, max_examples=10, stateful_step_count=40)
Restored.TestCase.settings = MANY
TestRestored = Restored.TestCase


def test_the_machine_notices_a_desk_that_offers_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writing, "offer_again", lambda *_: None)
    monkeypatch.setattr("sync.client.witness.foreign_stamps", lambda *_: [])
    with pytest.raises((AssertionError, KeyError)):
        run_state_machine_as_test(Restored, settings=settings(MANY, max_examples=60, phases=[Phase.generate]))
