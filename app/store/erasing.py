"""Erasing what the county emptied out of its bin: history and photos; of the records themselves the bare rows stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Name = tuple[str, str]
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
    ids = {id_ for type_, id_ in names if type_ == "attachment"}
    if not ids:
        return
    bearers: dict[str, set[str]] = {}
    for id_, digest in db.execute("SELECT id, sha256 FROM attachment WHERE sha256 IS NOT NULL"):
        bearers.setdefault(digest, set()).add(id_)
    photos = [(digest,) for digest, found in bearers.items() if found <= ids]
    db.conn.executemany("DELETE FROM transfer WHERE sha256 = ?", photos)
    db.conn.executemany(f"INSERT INTO transfer VALUES (?, '{GONE}', 0, 0)", photos)


def gone_photos(db: Database) -> list[str]:
    """Photos whose files are to be taken away; one that came back with another record meanwhile stays."""
    query = (
        "SELECT sha256 FROM transfer WHERE direction = ? AND sha256 NOT IN "
        "(SELECT sha256 FROM attachment WHERE sha256 IS NOT NULL)"
    )
    return [row[0] for row in db.execute(query, [GONE]).fetchall()]


def forget_gone(db: Database) -> None:
    """Their files are taken away."""
    db.execute("DELETE FROM transfer WHERE direction = ?", [GONE])
