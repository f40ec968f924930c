"""The n-th write fails, for every n, in a process of its own: ``python -m tests.support.failing_disk FOLDER``.

Whatever fails, the store must hold exactly what it held before the operation, or exactly what it holds after it; the
error must be a sentence of ours; and when the disk is well again the store must go on as if nothing had been.
"""

from __future__ import annotations

import errno
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from app.errors import EnvironmentFault
from app.records import Child, ChildVisit, Person
from app.records.record import Record
from app.store import vault
from app.store.workspace import Workspace
from tests.support.desks import CHEAP_KEYS, WORKER, a_child, a_person, new_desk
from tests.support.power_cuts import NOW, contents, derived, is_intact, opened
from tests.support.recording import Disk, Fault

LATER = a_person(id="later", name="好了以后")
VISIT = ChildVisit(id="visit", subject="child", visited_on=date(2026, 11, 20), mode="home", living="好" * 200)
BATCH: list[Record] = [
    record
    for n in range(50)
    for record in (a_person(id=f"row{n}", name=f"导入{n}", note="备注" * 60), Child(id=f"row{n}", risk_level="low"))
]
Operation = Callable[[Workspace], object]
LONG_ANSWERS = ("living", "family", "guardianship", "mind", "guardian_opinion", "concern_note", "actions")
"""A draft as long as the form allows: more than a page of the file."""

OPERATIONS: dict[str, Operation] = {
    "visit": lambda store: store.save(WORKER, (None, replace(VISIT, outcome="met")), verb="visit", batch="b"),
    "import": lambda store: store.save(WORKER, *((None, each) for each in BATCH), verb="import", batch="b"),
    "draft": lambda store: store.put_draft(WORKER, None, replace(VISIT, **dict.fromkeys(LONG_ANSWERS, "好" * 200))),
    "setting": lambda store: store.set_setting("columns", {"child": ["name"] * 200}),
    "delete": lambda store: store.delete(WORKER, store.require(Person, "child"), batch="b"),
}
FAULTS = (
    ("no room", errno.ENOSPC, False),
    ("no room from then on", errno.ENOSPC, True),
    ("broken", errno.EIO, False),
    ("broken from then on", errno.EIO, True),
)


@dataclass
class Verdict:
    """What one operation did under all its faults; every fault named is a defect."""

    faults: int = 0
    refused: int = 0
    survived: int = 0
    defects: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """A prepared workspace, copied afresh for every fault."""

    disk: Disk
    prepared: Path
    used: Path

    def fresh(self) -> Workspace:
        """The prepared workspace, opened."""
        shutil.rmtree(self.used, ignore_errors=True)
        shutil.copytree(self.prepared, self.used)
        return opened(self.used)

    def states(self, work: Operation) -> tuple[str, str]:
        """What the store holds before the operation, and after it."""
        store = self.fresh()
        before = contents(store)
        work(store)
        after = contents(store)
        store.close()
        return before, after


def prepared(folder: Path) -> None:
    """A desk with a child and a few neighbours; its log is long enough to be folded in while saving."""
    store = new_desk(folder, NOW)
    child = a_person(id="child", name="测试花")
    neighbours = [a_person(id=f"n{n}", name=f"邻居{n}") for n in range(10)]
    store.save(WORKER, (None, child), (None, a_child(child)), *((None, each) for each in neighbours), batch="a")
    store.put_draft(WORKER, None, VISIT)
    store.close()


def every_fault(bench: Bench, work: Operation) -> Verdict:
    """Let the first call fail, then the second, until the operation no longer reaches the one that would fail."""
    verdict = Verdict()
    states = bench.states(work)
    # An import writes so much that two kinds of fault must stand for the four.
    for words, code, for_ever in FAULTS[1:3] if work is OPERATIONS["import"] else FAULTS:
        number = 1
        while _one_fault(bench, work, Fault(number, code, for_ever), states, f"{words} at {number}", verdict):
            number += 1
    return verdict


def _one_fault(
    bench: Bench, work: Operation, fault: Fault, states: tuple[str, str], where: str, verdict: Verdict
) -> bool:
    store = bench.fresh()
    bench.disk.arm(fault)
    refusal = _refusal(store, work)
    bench.disk.disarm()
    if not fault.happened:
        store.close()
        return False
    verdict.faults += 1
    verdict.refused += refusal is not None
    verdict.survived += refusal is None
    state = contents(store)
    verdict.defects += [f"{where}: {defect}" for defect in _defects(refusal, state, states)]
    if isinstance(refusal, EnvironmentFault) and str(refusal) not in verdict.sentences:
        verdict.sentences.append(str(refusal))
    verdict.defects += [f"{where}: {defect}" for defect in _goes_on(bench, store)]
    return True


def _refusal(store: Workspace, work: Operation) -> Exception | None:
    try:
        work(store)
    except Exception as error:  # every kind is judged: ours are sentences, the others are defects
        return error
    return None


def _defects(refusal: Exception | None, state: str, states: tuple[str, str]) -> Iterator[str]:
    before, after = states
    if refusal is None and state != after:
        yield "said to be saved and was not"
    if refusal is not None and not isinstance(refusal, EnvironmentFault):
        yield f"no sentence of ours: {type(refusal).__name__}: {refusal}"
    if state not in (before, after):
        yield "half done"


def _goes_on(bench: Bench, store: Workspace) -> Iterator[str]:
    """The disk is well again: the same window saves, and what it saved is there after a restart."""
    try:
        store.save(WORKER, (None, LATER))
        held = contents(store)
        store.close()
        again = opened(bench.used)
    except Exception as error:  # as above
        yield f"does not go on: {type(error).__name__}: {error}"
        return
    if contents(again) != held or again.get(Person, LATER.id) is None:
        yield "forgot what it saved afterwards"
    made = derived(again)
    again.rebuild()
    if not is_intact(again) or derived(again) != made:
        yield "is damaged"
    again.close()


def read_only(bench: Bench) -> Verdict:
    """The folder turned read-only before opening: refused in words, nothing touched."""
    verdict = Verdict()
    shutil.rmtree(bench.used, ignore_errors=True)
    shutil.copytree(bench.prepared, bench.used)
    before = (bench.used / "shouwang.db").read_bytes()
    bench.disk.read_only = True
    refusal = _refusal_of_opening(bench.used)
    bench.disk.disarm()
    verdict.faults = verdict.refused = 1
    if isinstance(refusal, EnvironmentFault):
        verdict.sentences.append(str(refusal))
    else:
        verdict.defects.append(f"no sentence of ours: {refusal!r}")
    if (bench.used / "shouwang.db").read_bytes() != before:
        verdict.defects.append("touched")
    opened(bench.used).close()
    return verdict


def _refusal_of_opening(folder: Path) -> Exception | None:
    try:
        opened(folder).close()
    except Exception as error:  # as above
        return error
    return None


def main() -> int:
    """Run the operations named after the folder and print a verdict for each as JSON."""
    vault._ARGON = CHEAP_KEYS
    folder = Path(sys.argv[1])
    bench = Bench(Disk().install(), folder / "prepared", folder / "used")
    prepared(bench.prepared)
    found = {
        name: read_only(bench) if name == "read-only" else every_fault(bench, OPERATIONS[name]) for name in sys.argv[2:]
    }
    print(json.dumps({name: verdict.__dict__ for name, verdict in found.items()}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
