"""Erasing what the county emptied out of its bin: history and photos; of the records themselves the bare rows stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from app.store.parts import attachments_in

if TYPE_CHECKING:
    from sqlite_utils import Database

Name = tuple[str, str]
BEARERS = ("attachment", "proposal")
GONE = "gone"
"""The direction of a transfer that has no content any more: its file is still to be taken away."""


def erase(db: Database, names: Collection[Name]) -> None:
    """Forget what these records ever said, before their bare rows are laid down; own saves that still wait stay.

    Photos that no other record bears are noted, for files are taken away only when all of this is written.
    """
    waiting = "SELECT n FROM unit WHERE state IN ('unsent', 'sent')"
    db.conn.executemany(
        f"DELETE FROM change WHERE record = ? AND type = ? AND unit NOT IN ({waiting})",
        [(id_, type_) for type_, id_ in names],
    )
    photos = [(digest,) for digest in photos_only_of(db, names)]
    db.conn.executemany("DELETE FROM transfer WHERE sha256 = ?", photos)
    db.conn.executemany(f"INSERT INTO transfer VALUES (?, '{GONE}', 0, 0)", photos)


def photos_only_of(db: Database, names: Collection[Name]) -> list[str]:
    """Photos that these records bear, or would bring, and no other."""
    if not any(type_ in BEARERS for type_, _ in names):
        return []
    bearers: dict[str, set[Name]] = {}
    for id_, digest in db.execute("SELECT id, sha256 FROM attachment WHERE sha256 IS NOT NULL"):
        bearers.setdefault(digest, set()).add(("attachment", id_))
    for id_, content in db.execute("SELECT id, content FROM proposal"):
        for digest, _ in attachments_in("proposal", {"content": content}):
            bearers.setdefault(digest, set()).add(("proposal", id_))
    return [digest for digest, found in bearers.items() if found <= set(names)]


def gone_photos(db: Database) -> list[str]:
    """Photos whose files are to be taken away; one that came back with another record meanwhile stays."""
    query = (
        "SELECT sha256 FROM transfer WHERE direction = ? AND sha256 NOT IN "
        "(SELECT sha256 FROM attachment WHERE sha256 IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM proposal AS p WHERE instr(p.content, sha256)) AND sha256 NOT IN "
        "(SELECT sha256 FROM transfer WHERE direction = 'up' AND (done < size OR size = 0))"
    )
    return [row[0] for row in db.execute(query, [GONE]).fetchall()]


def forget_gone(db: Database, photos: Collection[str]) -> None:
    """Their files are taken away. What still has to reach the county is taken away after that."""
    db.conn.executemany("DELETE FROM transfer WHERE sha256 = ?", [(digest,) for digest in photos])
    still_borne = "sha256 IN (SELECT sha256 FROM attachment WHERE sha256 IS NOT NULL)"
    db.execute(f"DELETE FROM transfer WHERE direction = ? AND {still_borne}", [GONE])
