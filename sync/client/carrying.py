"""Take another desk's file to the county and bring back what it answers; neither can be read here."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

from app.errors import CountyUnreachable
from app.store.changes import Workspace
from sync.client.http import SAFE, HttpCounty
from sync.client.parts import Parts, fetched, sent
from sync.messages import Receipt

AT_ONCE = 8 << 10
"""A file of this size goes in one request; of a larger one the parts that came before the line broke have come."""


def carry(line: HttpCounty, store: Workspace, asking: bytes) -> bytes:
    """The file for whoever wrote this one. After a break the next call goes on where this one ended.

    Raises CountyRefused when the county cannot open it, or does not know whose it is; CountyUnreachable.
    """
    digest, parts = sha256(asking).hexdigest(), Parts()
    held = line.parcel_held(digest) if len(asking) > AT_ONCE else 0
    *_, held = sent(parts, asking, held, partial(line.put_parcel, digest), AT_ONCE)
    if len(asking) - held > AT_ONCE:  # another errand of this station pushed it out
        raise CountyUnreachable(SAFE + "送到一半被别的文件顶了。", advice="请再送一次。")
    return _fetched(line, store, digest, line.parcel_answered(digest, asking[held:]), parts)


def _fetched(line: HttpCounty, store: Workspace, digest: str, receipt: Receipt, parts: Parts) -> bytes:
    """The whole answer; what has come of a large one waits beside the photos."""
    answer = receipt.beginning
    if len(answer) < receipt.size:
        answer = _gone_on(line, store, digest, receipt, parts)
    if sha256(answer).hexdigest() != receipt.sha256:
        raise CountyUnreachable(SAFE + "县里的回执没有收全。", advice="请再送一次。")
    return answer


def _gone_on(line: HttpCounty, store: Workspace, digest: str, receipt: Receipt, parts: Parts) -> bytes:
    kept = receipt.sha256
    answer = bytearray(store.blobs.begun(kept))
    if not answer:
        store.blobs.add(kept, 0, receipt.beginning)
        answer += receipt.beginning
    for part in fetched(parts, len(answer), partial(line.parcel_answer, digest)):
        store.blobs.add(kept, len(answer), part)
        answer += part
    store.blobs.drop(kept)
    return bytes(answer)
