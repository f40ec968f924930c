"""What the county keeps. ``county`` comes first in every key and index, so that one schema can be sharded by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

metadata = MetaData()


# Compared by code point everywhere: a server's own language may sort "~" before digits and "b" before "A".
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
BYTES, BIG, INT = LargeBinary(), BigInteger(), Integer()


def _table(name: str, key: tuple[str, ...], columns: dict[str, TypeEngine[Any]], *indexes: tuple[str, ...]) -> Table:
    listed: list[SchemaItem] = [Column("county", TEXT, nullable=False)]
    listed += [Column(column, TEXT, nullable=False) for column in key if column not in columns]
    listed += [Column(column, kind, nullable=True) for column, kind in columns.items()]
    listed.append(PrimaryKeyConstraint("county", *key))
    listed += [Index(f"{name}_by_{'_'.join(index)}", "county", *index) for index in indexes]
    return Table(name, metadata, *listed)


space = _table(
    "space",
    (),
    {
        "server_id": TEXT, "kind": TEXT, "name": TEXT, "schema": INT, "epoch": TEXT, "seq": BIG, "durable_seq": BIG,
        "made_at": BIG, "durable_epoch": TEXT, "last": TEXT, "parcel_key": BYTES, "knows": TEXT,
        "lives": TEXT, "life_at": BIG,
    },
)  # fmt: skip
"""The county itself; its ``seq`` is the one counter, and its row lock makes commit order equal sequence order.

A verified backup covers the epoch's numbers up to ``durable_seq``; ``last`` is what the newest unit is known by
(``ledger.LAST``); ``lives`` are epochs that ended, or that desks told of and this county never had; this one began at
``life_at``."""

device = _table(
    "device",
    ("id",),
    {
        "public_key": BYTES, "nonce": BYTES, "org": TEXT, "role": TEXT, "name": TEXT, "holder": TEXT,
        "holder_name": TEXT, "enrolled_at": BIG, "seen_at": BIG, "revoked_at": BIG, "token": TEXT, "forked_from": TEXT,
        "forked_at": BIG, "claims": TEXT,
    },
)  # fmt: skip
"""``token`` is what the device proposed at its last contact; another one that was used up before tells of a clone.

``claims``: when it made the county begin another life, by saying what the county did not know.
A device that was cloned goes on under a new id, ``forked_from`` the old one, whose row says when (``forked_at``)."""

granted = _table("granted", ("device", "org"), {"since": BIG, "until": BIG})
"""Which subtrees a device serves, from which number of the sequence, and until which when it lost one."""

enrolment = _table(
    "enrolment",
    ("code",),
    {"org": TEXT, "role": TEXT, "name": TEXT, "expires_at": BIG, "used_at": BIG, "device": TEXT},
)
"""One-time codes, as hashes."""

unit = _table(
    "unit",
    ("id",),
    {
        "device": TEXT, "device_seq": BIG, "seq": BIG, "epoch": TEXT, "stamp": BIG, "subject": TEXT, "verb": TEXT,
        "author": TEXT, "author_name": TEXT, "made_at": BIG, "arrived_at": BIG, "state": TEXT, "clean": INT,
        "reason": TEXT, "refused": BYTES,
    },
    ("device", "device_seq"),
    ("epoch", "stamp"),
)  # fmt: skip
"""Every save that ever arrived; a known one is answered with what was decided, for ever."""

change = _table(
    "change",
    ("type", "record", "seq", "place"),
    {
        "type": TEXT, "record": TEXT, "seq": BIG, "place": INT, "stamp": TEXT, "after": BYTES, "bases": BYTES,
    },
)  # fmt: skip
"""What each unit did to each record: from here the county tells whether one value descends from another.

``after`` is null for what made a record that nothing else has touched since: that is the record's body."""

record = _table(
    "record",
    ("type", "id"),
    {
        "type": TEXT, "id": TEXT, "subject": TEXT, "org": TEXT, "body": BYTES, "stamps": BYTES, "seq": BIG,
        "device": TEXT, "prior": BIG, "home": TEXT, "author": TEXT, "h1": BIG, "h2": BIG, "placed": BIG,
        "deleted_at": BIG, "about": TEXT,
    },
    ("org", "seq"),
    ("org", "type", "about", "home", "seq", "h1", "h2"),
    ("subject",),
)  # fmt: skip
"""Records as they are now. ``device`` wrote last and alone since ``prior``; ``home`` made the record.

``placed`` is the number with which it came into its division: who has seen a later one holds it already.
``deleted_at`` is when the county took the deletion that holds, in milliseconds since 1970; null for a live record,
and for one of which nothing is left to empty. ``about`` is the type of what a conflict, a rejection or a proposal
tells of: it is shown only to who may see that."""
Index(
    "record_by_deleted_at",
    record.c.county,
    record.c.deleted_at,
    sqlite_where=record.c.deleted_at.is_not(None),
    postgresql_where=record.c.deleted_at.is_not(None),
)

leaving = _table("leaving", ("org", "seq", "type", "id"), {"org": TEXT, "seq": BIG, "type": TEXT, "id": TEXT})
"""Records that left a division: a desk that was away through two moves still learns of both."""

passing = _table(
    "passing",
    ("device", "sha256", "way", "start"),
    {"start": BIG, "content": BYTES, "came_at": BIG},
    ("came_at",),
)
"""What comes by parts, or is answered so, as far as that came (``passing``); none of it outlives a life."""

blob = _table("blob", ("sha256",), {"sha256": TEXT, "size": BIG, "held": BIG, "complete": INT})
blob_part = _table("blob_part", ("sha256", "start"), {"sha256": TEXT, "start": BIG, "content": BYTES})
blob_use = _table(
    "blob_use", ("sha256", "type", "record"), {"sha256": TEXT, "type": TEXT, "record": TEXT}, ("type", "record")
)
"""Which records a blob belongs to; it is given out only to who may see one of them."""
