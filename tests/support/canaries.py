"""Plant strings that nobody would write by chance in everything a workspace keeps, and die without warning.

``python -m tests.support.canaries FOLDER plant|upgrade``; what must not be found afterwards is ``needles()``.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from app.errors import ShouwangError, WrongPassphrase
from app.records import RECORD_TYPES, Person
from app.records.ids import new_id
from app.records.record import Field, Kind, Record
from app.store import open_store, vault
from app.store.workspace import Workspace
from tests.support.desks import CHEAP_KEYS, PASSPHRASE, VILLAGE, WORKER, new_desk
from tests.support.power_cuts import an_upgrade

R = TypeVar("R", bound=Record)
CANARIES = tuple(f"金丝雀密语{sign}canary{n:02}" for n, sign in enumerate("甲乙丙丁戊己庚辛壬癸" * 4))
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gbk")
_WORDS = frozenset({Kind.TEXT, Kind.LONG, Kind.LINES})


def needles() -> dict[str, bytes]:
    """What must not be found, by what it is: every canary in every encoding, its pinyin, the passphrase."""
    found = {f"{canary} {encoding}": canary.encode(encoding) for canary in CANARIES for encoding in ENCODINGS}
    # A row is cut into pages and tokens: the part that all canaries share is looked for by itself.
    found |= {f"shared {encoding}": "金丝雀密语".encode(encoding) for encoding in ENCODINGS}
    found |= {f"latin {encoding}": "canary".encode(encoding) for encoding in ENCODINGS}
    found |= {f"passphrase {encoding}": PASSPHRASE.encode(encoding) for encoding in ENCODINGS}
    return found | {"pinyin": b"jinsique"}


def hits(folder: Path) -> list[tuple[str, str]]:
    """Every needle in every file below a folder, file names included."""
    wanted = needles()
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes() + os.fsencode(path.name)
        found += [(path.name, words) for words, needle in wanted.items() if needle in content]
    return found


def planted(cls: type[R], canaries: Iterator[str], **given: Any) -> R:
    """A record with a canary in every field that holds words, and in what a newer desk may have written."""
    values: dict[str, Any] = {
        field.name: _value(field, next(canaries)) for field in cls.spec.fields if field.kind in _WORDS
    }
    return replace(cls(id=new_id(), extra={"later": next(canaries)}), **{**values, **given})


def _value(field: Field, canary: str) -> object:
    return (canary,) if field.kind is Kind.LINES else canary


def flock() -> Iterator[str]:
    """The forty, again and again."""
    return (CANARIES[n % len(CANARIES)] for n in count())


def all_types(canaries: Iterator[str]) -> list[Record]:
    """One record of every type, all of one person."""
    person = planted(Person, canaries, org=VILLAGE, same_as=None)
    records: list[Record] = [person]
    for cls in RECORD_TYPES:
        if cls is not Person:
            record = planted(cls, canaries)
            about: dict[str, Any] = {"subject": person.id} if "subject" in cls.spec.by_name else {}
            about |= {"id": person.id} if cls.spec.is_profile else {}
            records.append(replace(record, **about))
    return records


def plant(folder: Path) -> None:
    """A day in which everything is written, changed, deleted, found and refused; it ends like a pulled plug."""
    canaries = flock()
    desk = new_desk(folder)
    _write(desk, canaries)
    desk.close()
    desk = open_store(folder, PASSPHRASE)
    _write(desk, canaries)
    _delete(desk)
    _be_refused(desk)
    sys.stdout.flush()
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _write(desk: Workspace, canaries: Iterator[str]) -> None:
    for _ in range(4):
        records = all_types(canaries)
        changes = desk.save(WORKER, *((None, record) for record in records))
        for record in changes.records:
            desk.put_draft(WORKER, record, record)
        person = next(record for record in changes.records if isinstance(record, Person))
        desk.save(WORKER, (person, replace(person, name=next(canaries))), verb=next(canaries))
        desk.put_draft(WORKER, None, planted(Person, canaries))
        desk.set_setting("words", {"typed": next(canaries)})
        desk.audit(WORKER, "print", title=next(canaries))
        desk.attach_blob(b"\xff\xd8 photo " + next(canaries).encode() * 500)
        desk.search(next(canaries))
    logging.getLogger("desk").info("saved %r", changes)
    desk.rebuild()


def _delete(desk: Workspace) -> None:
    people = desk.find(Person)
    desk.delete(WORKER, *people[:2])
    with desk.transaction() as work:
        work.remove(Person, [people[-1].id])
    for draft in desk.drafts()[:5]:
        logging.getLogger("desk").info("dropped %r", draft)
        desk.drop_draft(draft.edited.spec.name, draft.edited.id)


def _be_refused(desk: Workspace) -> None:
    """What goes wrong is logged with its trace, and the log lies open."""
    log = logging.getLogger("desk")
    for work in (
        lambda: desk.require(Person, "nobody"),
        lambda: desk.find(Person, shoe_size=CANARIES[0]),
        lambda: desk.undo(WORKER, CANARIES[1]),
        lambda: desk.save(WORKER, (None, replace(desk.find(Person)[0], phones=object()))),  # type: ignore[arg-type]
        lambda: vault.unlock(desk.folder, CANARIES[2]),
    ):
        try:
            work()
        except (ShouwangError, WrongPassphrase, TypeError):
            log.exception("refused")


def upgrade(folder: Path) -> None:
    """The next edition opens the workspace: it makes a copy first."""
    upgraded = an_upgrade(folder)()
    upgraded.close()


def main() -> int:
    """Log everything there is to log beside the workspace, then do what is asked."""
    folder, asked = Path(sys.argv[1]), sys.argv[2]
    vault._ARGON = CHEAP_KEYS
    logging.basicConfig(filename=folder.parent / f"{asked}.log", level=logging.DEBUG, encoding="utf-8")
    plant(folder) if asked == "plant" else upgrade(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
