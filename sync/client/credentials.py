"""How a desk proves who it is: a key that never leaves the encrypted store, and one signature for each request."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.errors import CountyRefused
from app.records.ids import new_id
from app.store.changes import Store
from sync.messages import Terms
from sync.protocol import signed_text

BROKEN_OFF = -1
"""In place of ``heard``: the last answer broke off. Equal cursors do not show it where one division had been heard to
there before."""
SETTING = "county"


@dataclass(frozen=True, slots=True)
class Ties:
    """What a workspace knows of its county. ``private_key`` and ``nonce`` as hexadecimal text.

    ``cursors`` tell how far this desk has each subtree that it was granted; of one that is not named it asks for all,
    what it wrote itself included. ``heard`` is the county's number when this desk had all of them, or ``BROKEN_OFF``.
    ``owes_witness``: the county was restored, and has not yet been told what this desk saw of others' saves, or only up
    to the one whose stamp is ``witnessed``. ``token`` and ``proposed`` (hexadecimal) are what the desk is known by and
    will be (``sync.fork``); ``heir``: the name it is about to take because another computer goes by its own;
    ``former``: the introductions by which it took those it had.
    """

    device: str = ""
    private_key: str = field(default="", repr=False)
    nonce: str = ""
    url: str = ""
    authority: str = ""
    server_id: str = ""
    name: str = ""
    county: str = ""
    epoch: str = ""
    cursors: Mapping[str, int] = field(default_factory=dict)
    last: str = ""
    durable_epoch: str = ""
    durable_seq: int = 0
    owes_witness: bool = False
    witnessed: str = ""
    parcel_key: str = ""
    county_time: int = 0
    heard: int = 0
    token: str = ""
    proposed: str = ""
    heir: str = ""
    heir_key: str = field(default="", repr=False)
    heir_nonce: str = ""
    former: tuple[tuple[str, ...], ...] = ()

    @property
    def is_joined(self) -> bool:
        """Whether a county has let this workspace in."""
        return bool(self.server_id)

    @property
    def is_resumed(self) -> bool:
        """Whether the last answer broke off: there is something before its cursors that it has not heard.

        Of a division that was granted since, it may have got less than it has of the others.
        """
        return any(at != self.heard for at in self.cursors.values())

    def met(self, terms: Terms) -> Ties:
        """After an answer: what its terms tell."""
        return replace(
            self, server_id=terms.server_id, name=terms.name, county=terms.county, epoch=terms.epoch,
            durable_epoch=terms.durable_epoch, durable_seq=terms.durable_seq, county_time=terms.time,
            parcel_key=self.parcel_key or terms.parcel_key.hex(),
        )  # fmt: skip


def not_joined() -> CountyRefused:
    """Nobody is there to speak to."""
    return CountyRefused(
        "资料都在这台电脑上，没有丢。还没有加入县里。", advice="请向县里要一个注册码，在「收发」里加入。", code="C0"
    )


def ties(store: Store) -> Ties:
    """The workspace's ties; empty ones when it works alone."""
    return ties_of(store.setting(SETTING))


def ties_of(found: Any) -> Ties:
    """Ties from their JSON value."""
    known = dict(found or {})
    if "cursor" in known:  # as it was kept while every post had one subtree, which needed no name
        known.setdefault("cursors", {"": known["cursor"]})
    kept = Ties(**{name: known[name] for name in Ties.__dataclass_fields__ if name in known})
    return replace(kept, former=tuple(tuple(each) for each in kept.former)) if kept.former else kept


def as_setting(kept: Ties) -> dict[str, Any]:
    """Ties as a JSON value."""
    return asdict(kept)


def prepared(store: Store) -> Ties:
    """Ties with a key, made now if there is none and kept before anything is sent, so that a lost answer is a retry."""
    found = ties(store)
    if found.private_key:
        return found
    made = replace(found, device=new_id(), private_key=new_key(), nonce=secrets.token_hex(16))
    store.set_setting(SETTING, as_setting(made))
    return made


def new_key() -> str:
    """A key to sign with, as hexadecimal text."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key(kept: Ties) -> bytes:
    """What the county keeps of the key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept.private_key)).public_key().public_bytes_raw()


def signature(kept: Ties, method: str, path: str, content: bytes) -> str:
    """One signature over a whole request, as URL-safe base64."""
    return written(signed(kept, signed_text(kept.device, method, path, content)))


def written(proof: bytes) -> str:
    """A signature as it stands in a header."""
    return urlsafe_b64encode(proof).decode("ascii").rstrip("=")


def signed(kept: Ties, text: bytes) -> bytes:
    """The desk's signature."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept.private_key)).sign(text)
