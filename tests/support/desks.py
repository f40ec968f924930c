"""A desk to test with: an invented village, a fixed clock, one key that is not derived twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.clock import FixedClock
from app.records import Child, Person
from app.store import Post, create_store
from app.store.workspace import Workspace

VILLAGE = "539901001001"
PASSPHRASE = "测试专用口令"
CHEAP_KEYS = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}
"""Parameters of argon2id that cost nothing: for tests that are not about the key."""

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Worker:
    """An author that is nobody."""

    id: str = "worker-1"
    name: str = "测试员甲"


WORKER = Worker()
OTHER = Worker("worker-2", "测试员乙")


def new_desk(folder: Path, clock: FixedClock | None = None, **given: Any) -> Workspace:
    """A fresh workspace of the practice village."""
    post = Post(VILLAGE, "child_director", "练习村儿童主任")
    made = create_store(folder, PASSPHRASE, post=post, holder_name="测试员甲", clock=clock or FixedClock(NOW), **given)
    return made.store


def a_person(**given: Any) -> Person:
    """An invented person of the practice village."""
    return Person(**{"org": VILLAGE, "name": "测试甲", "sex": "1", "village_group": "一组", **given})


def a_child(person: Person, **given: Any) -> Child:
    """The profile of an invented child."""
    return Child(id=person.id, **given)
