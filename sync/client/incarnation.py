"""Be oneself: what this desk is known by, and a new name when another computer goes by the old one."""

from __future__ import annotations

import secrets
from dataclasses import replace

from app.errors import CountyRefused
from app.records.ids import new_id
from app.store.changes import Workspace, Writing, writing
from sync import fork
from sync.client.credentials import SETTING, Ties, as_setting, new_key, public_key, signed, ties, ties_of
from sync.client.news import note_clone
from sync.messages import Introduction, Welcome
from sync.protocol import STOPPED_DEVICE, County


def propose(store: Workspace) -> None:
    """What this desk will be known by after this exchange; kept before anything is sent (``sync.fork``)."""
    now = ties(store)
    if not now.proposed:
        store.set_setting(SETTING, as_setting(replace(now, proposed=fork.proposal(bytes.fromhex(now.token)).hex())))


def heard(work: Writing) -> None:
    """The county has answered: it knows this desk by what was proposed."""
    now = ties_of(work.setting(SETTING))
    if now.proposed:
        work.set_setting(SETTING, as_setting(replace(now, token=now.proposed, proposed="")))


def renew(county: County, store: Workspace) -> None:
    """Go on under a new name, beside whoever goes by the old one; nothing here is lost by it.

    The new name is kept before the county hears of it, so that a lost answer makes no second one.
    Raises CountyRefused, CountyUnreachable.
    """
    was_told = bool(ties(store).heir)
    told = _introduction(_with_heir(store))
    try:
        welcome = county.introduce(told)
    except CountyRefused as refusal:
        if refusal.code != STOPPED_DEVICE or not was_told:
            raise
        # With this laptop, before it was let in again, the county stopped the name whose answer was lost.
        _without_heir(store)
        renew(county, store)
        return
    now = ties(store)
    fresh = replace(
        now, device=now.heir, private_key=now.heir_key, nonce=now.heir_nonce, token="", proposed="",
        heir="", heir_key="", heir_nonce="", former=(*now.former, _kept(told)),
    )  # fmt: skip
    with writing(store) as work:
        work.set_setting(SETTING, as_setting(fresh))
        note_clone(work, welcome.terms.time)
    store.audit(store.holder, "renewed_identity", before=now.device, after=fresh.device)


def introduce_again(county: County, store: Workspace) -> bool:
    """A county that was restored to a day before this desk took its name learns it once more; whether it did.

    Raises CountyRefused, CountyUnreachable.
    """
    welcomes: list[Welcome] = [county.introduce(_told(each)) for each in ties(store).former]
    return bool(welcomes)


def _with_heir(store: Workspace) -> Ties:
    now = ties(store)
    if not now.heir:
        now = replace(now, heir=new_id(), heir_key=new_key(), heir_nonce=secrets.token_hex(16))
        store.set_setting(SETTING, as_setting(now))
    return now


def _without_heir(store: Workspace) -> None:
    store.set_setting(SETTING, as_setting(replace(ties(store), heir="", heir_key="", heir_nonce="")))


def _introduction(now: Ties) -> Introduction:
    heir = replace(now, private_key=now.heir_key)
    told = Introduction(now.device, now.heir, public_key(heir), bytes.fromhex(now.heir_nonce))
    return replace(told, signature=signed(now, told.signed_text()))


def _kept(told: Introduction) -> tuple[str, ...]:
    return (told.device, told.fresh, told.public_key.hex(), told.nonce.hex(), told.signature.hex())


def _told(kept: tuple[str, ...]) -> Introduction:
    device, fresh, *rest = kept
    return Introduction(device, fresh, *map(bytes.fromhex, rest))
