"""One exchange with the county, from the desk's side; nothing on the screen ever waits for it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from app.clock import CHINA, SystemClock
from app.errors import Cancelled, CountyRefused
from app.store.changes import Changes, OwnUnit, Workspace, Writing, note_arrived, unsent, writing
from sync.client import agreement, incarnation, photos, sealed
from sync.client.arriving import joined
from sync.client.bearing import bore, is_too_much, learning, most_records
from sync.client.blocks import Blocks
from sync.client.credentials import SETTING, Ties, as_setting, not_joined, prepared, public_key, ties, ties_of
from sync.client.mending import look_over, mend
from sync.client.moved import Moved
from sync.client.plan import Plan, plan
from sync.client.receiving import Received, Receiving
from sync.client.stopping import STOPPED
from sync.client.upload import Upload, is_meant
from sync.client.witness import bear_witness
from sync.messages import MOST_TOLD, Enrolment, Hello, Page, Request, Welcome
from sync.protocol import CLONED, STOPPED_DEVICE, UNKNOWN_DEVICE, County, LineBroke, ProgramTooOld

MOST_ROUNDS = 10_000
MOST_NAMES = 3
T = TypeVar("T")
Tell = Callable[[str], None]
"""Hears in words how far it is."""


class Light(StrEnum):
    """What the strip of the window shows."""

    ALONE = "alone"  # no county yet
    ALL_SENT = "all_sent"  # and both sides hold the same
    UNFINISHED = "unfinished"  # nothing waits, but not all of the county's has come, or it was never compared
    WAITING = "waiting"
    DIFFERS = "differs"  # from the county, whatever was tried
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an exchange came to: saves sent, records received, conflicts and rejections among them, records that left,
    photos that wait in either direction. ``delivered``: nothing waits, and both sides hold the same."""

    sent: int
    received: int
    conflicts: int
    rejections: int
    gone: int
    photos_waiting: int
    seconds: float
    delivered: bool
    changes: Changes
    moved: Moved
    requests: int
    bytes_up: int
    bytes_down: int

    @classmethod
    def of(
        cls, done: Received, *, photos_waiting: int, seconds: float, delivered: bool, requests: int = 0,
        bytes_up: int = 0, bytes_down: int = 0,
    ) -> Outcome:  # fmt: skip
        """With what was received."""
        return cls(
            sent=done.accepted, received=done.rows, conflicts=done.conflicts, rejections=done.rejected, gone=done.gone,
            photos_waiting=photos_waiting, seconds=seconds, delivered=delivered, changes=done.changes,
            moved=done.moved, requests=requests, bytes_up=bytes_up, bytes_down=bytes_down,
        )  # fmt: skip


def exchange(
    county: County, store: Workspace, tell: Tell = lambda words: None, cancelled: Callable[[], bool] = lambda: False
) -> Outcome:
    """Send what waits, receive what is new, compare, then attend to photos.

    Raises CountyUnreachable, CountyRefused, Cancelled; whatever had been written by then is whole and stays.
    """
    with _seldom_searched(), learning(store, lambda: _bytes(county)):
        return _exchanged(county, store, tell, cancelled)


def _exchanged(county: County, store: Workspace, tell: Tell, cancelled: Callable[[], bool]) -> Outcome:
    began, before = time.monotonic(), _traffic(county)
    if not ties(store).is_joined:
        raise not_joined()
    done, agreed = Received(), False

    def talk() -> int:
        nonlocal done, agreed
        more, agreed = _as_oneself(county, store, lambda: _converse(county, store, tell, cancelled))
        done += more
        return more.accepted + more.rejected + more.moved.proposed

    talk()
    photos.carry(county, store, tell, cancelled, talk)
    store.drop_gone_blobs()
    waiting_photos = len(photos.waiting(store, "up")) + len(photos.waiting(store, "down"))
    waiting = pending(store)
    delivered = agreed and waiting == 0
    tell("已全部送到" if delivered else f"{waiting} 条待送" if waiting else "和县里还有对不上的地方")
    requests, up, down = (now - then for now, then in zip(_traffic(county), before, strict=True))
    return Outcome.of(
        done, photos_waiting=waiting_photos, requests=requests, bytes_up=up, bytes_down=down,
        seconds=time.monotonic() - began, delivered=delivered,
    )  # fmt: skip


def send_only(
    county: County, store: Workspace, tell: Tell = lambda words: None, cancelled: Callable[[], bool] = lambda: False
) -> int:
    """Hand over what waits and take in no more than what became of it: for whoever is about to close the laptop.

    What is new here comes with the next exchange, and so does the comparison. Gives how many saves still wait. Raises
    what ``exchange`` raises.
    """
    if not ties(store).is_joined:
        raise not_joined()
    with _seldom_searched(), learning(store, lambda: _bytes(county)):
        _as_oneself(county, store, lambda: _talk(county, store, tell, cancelled, wants=False))
    return pending(store)


def join(county: County, store: Workspace, url: str, code: str, authority: str = "") -> Welcome:
    """Join a county with a one-time code; everything recorded so far goes there with the next exchange.

    ``authority`` is the path of the county's own certificate authority, if it has one. Raises CountyRefused,
    CountyUnreachable; nothing has changed then.
    """
    ready = prepared(store)
    if ready.is_joined:
        _require_outside(county, ready)
    post = store.post
    welcome = county.enrol(
        Enrolment(
            code, public_key(ready), ready.device, bytes.fromhex(ready.nonce), store.setting("kind", "real"),
            post.org, post.role, store.holder.id, store.holder.name,
        )
    )  # fmt: skip
    if ready.is_joined and welcome.terms.server_id != ready.server_id:
        raise CountyRefused("资料没有动。这不是原来加入的那个县级服务器。", advice="请核对服务器地址。", code="C14")
    key = welcome.parcel_key.hex()
    # Who comes back keeps the life that was known: the exchange must notice that the county began another.
    met = ready if ready.is_joined else replace(ready.met(welcome.terms), cursors={welcome.org: 0})
    store.set_setting(SETTING, as_setting(replace(met, url=url, authority=authority, parcel_key=key)))
    return welcome


def _require_outside(county: County, known: Ties) -> None:
    """A county that was restored to a day before this desk joined, or that stopped it, lets it in again with a new
    code. Raises CountyRefused."""
    try:
        list(county.exchange(Request(Hello(known.device, known.server_id, known.epoch))))
    except CountyRefused as refusal:
        if refusal.code in (UNKNOWN_DEVICE, STOPPED_DEVICE):
            return
        raise
    raise CountyRefused("资料没有动。这份资料已经加入了" + known.name + "。", code="C7")


def pending(store: Workspace) -> int:
    """How many own saves have not reached the county."""
    return store.pending()


def light(store: Workspace) -> Light:
    """The state of the exchange in one word; asks only the store, never the line."""
    from app.records.conflict import Conflict
    from app.records.rejection import Rejection

    if not ties(store).is_joined:
        return Light.ALONE
    if (
        store.count(Conflict, state="open")
        or store.count(Rejection, state="open")
        or _is_asked(store)
    ):
        return Light.ATTENTION
    if agreement.differs(store):
        return Light.DIFFERS
    if pending(store):
        return Light.WAITING
    return Light.ALL_SENT if agreement.is_same(store) else Light.UNFINISHED


def _is_asked(store: Workspace) -> bool:
    """Whether something is proposed for somebody filed with this very post; others are asked where they are filed."""
    from app.records.person import Person
    from app.records.proposal import Proposal

    subjects = [each.subject or "" for each in store.find(Proposal, state="open")]
    people = store.many(Person, subjects)
    return any(id_ not in people or people[id_].org in store.divisions for id_ in subjects)


def _as_oneself(county: County, store: Workspace, speak: Callable[[], T]) -> T:
    """Speak; if the county knows this desk by another token, another computer goes by its name: take a new one."""
    for _ in range(MOST_NAMES):
        incarnation.propose(store)
        try:
            return speak()
        except CountyRefused as refusal:
            if not _is_named_anew(county, store, refusal):
                raise
    return speak()


def _is_named_anew(county: County, store: Workspace, refusal: CountyRefused) -> bool:
    if refusal.code == CLONED:
        incarnation.renew(county, store)
        return True
    return refusal.code == UNKNOWN_DEVICE and incarnation.introduce_again(county, store)


def _converse(county: County, store: Workspace, tell: Tell, cancelled: Callable[[], bool]) -> tuple[Received, bool]:
    """Talk, then compare."""
    done = _talk(county, store, tell, cancelled)
    mended, agreed = _agree(county, store, tell, cancelled)
    return done + mended, agreed


def _talk(
    county: County, store: Workspace, tell: Tell, cancelled: Callable[[], bool], *, wants: bool = True,
    owes: bool = True,
) -> Received:  # fmt: skip
    """Requests until neither side has anything more to say; what came. Unless ``owes``, what a restored county ought
    to have first is left for later."""
    done, blocks, is_told, is_too_old = Received(), Blocks(store), False, False
    for _ in range(MOST_ROUNDS):
        if owes:
            bear_witness(county, store, tell, cancelled, partial(_take, store))
            _hand_over(county, store, tell, cancelled)
        upload = Upload(store, blocks, tell, cancelled)
        now = _next(store, blocks, upload, is_told, wants)
        more, is_told = True, False
        for page in _answered(county, now, upload):
            if page.terms.epoch != now.request.hello.epoch:
                begin_again(store, page)
                more = True
                break
            if now.is_question:
                page, is_told = _trusted(store, page), len(page.results) < MOST_TOLD
            done += _take(store, page if wants else _clean(page), incarnation.heard, upload.sent)
            more = page.more or now.is_more
            is_too_old = is_too_old or page.terms.upgrade
            if page.rows or page.patches:
                tell(f"已收到 {done.rows} 条")
            if cancelled():
                raise Cancelled(STOPPED)
        bore(store)
        if not more:
            blocks.finished()
            break
    if is_too_old:
        raise ProgramTooOld
    return done


def _hand_over(county: County, store: Workspace, tell: Tell, cancelled: Callable[[], bool]) -> None:
    """A save with its photos is more than a line may bear in one exchange: the text does not wait for it."""
    try:
        with learning(store, lambda: _bytes(county)):  # though text that goes instead may leave something behind
            sealed.hand_over(county, store, tell, cancelled, lambda page: _take(store, page))
    except (LineBroke, CountyRefused) as trouble:
        is_about_the_desk = trouble.code in (UNKNOWN_DEVICE, STOPPED_DEVICE, CLONED)
        if unsent(store, 1) and not is_about_the_desk:
            _talk(county, store, tell, cancelled, wants=False, owes=False)
        raise


def _clean(page: Page) -> Page:
    """Without what came out otherwise than it was sent: that is shown as it was typed, and is asked about again, until
    the county's own rows come along."""
    return replace(page, results=tuple(each for each in page.results if each.clean and not each.reason))


def _next(store: Workspace, blocks: Blocks, upload: Upload, is_told: bool, wants: bool) -> Plan:
    waiting = unsent(store, blocks.size + 1)
    if is_too_much(store, waiting):  # such a save goes by parts, which a stream has none of
        upload.begin(waiting[:1])
        return replace(plan(ties(store), waiting[:1], 1, wants=False), is_more=True)
    block = blocks.fitting(waiting)
    rest = pending(store) - upload.MOST if len(waiting) > block else 0
    records = most_records(store, Plan.RECORDS)
    now = plan(ties(store), waiting, block, is_told=is_told, rest=rest, wants=wants, records=records)
    if now.is_long:
        return replace(now, request=replace(now.request, blocks=upload.blocks()))
    upload.begin(waiting if now.units else ())
    return now


def _answered(county: County, now: Plan, upload: Upload) -> Iterator[Page]:
    try:
        yield from county.exchange(now.request)
    except LineBroke:
        upload.broke()
        raise


def _trusted(store: Workspace, page: Page) -> Page:
    """What the county holds of this desk; nothing where it speaks of other saves with the same numbers."""
    is_ours = not page.results or is_meant(store, ties(store), page)
    return page if is_ours else replace(page, results=())


def _take(
    store: Workspace, page: Page, heard: Callable[[Writing], None] = lambda work: None,
    sent: dict[int, OwnUnit] | None = None,
) -> Received:  # fmt: skip
    with _unsearched(), writing(store) as work:
        before = ties_of(work.setting(SETTING))
        told = Receiving(work, store.divisions, sealed.sealer(store, work), sent).take(page)
        heard(work)
        note_arrived(work, page.terms.epoch, page.terms.seq)
        if page.digest:
            look_over(work, page)
        agreement.note_page(work, page)
        if (page.terms.durable_epoch, page.terms.durable_seq) != (before.durable_epoch, before.durable_seq):
            work.note_durable(page.terms.durable_epoch, page.terms.durable_seq)
    _set_clock(store, page.terms.time)
    return told


@contextmanager
def _seldom_searched() -> Iterator[None]:
    """What is on its way stays for as long as it is: to look through it for cycles after each seven hundred new
    objects was a fifth of an upload."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _unsearched() -> Iterator[None]:
    """A page makes a hundred thousand objects that all stay until it is written: looking through them for cycles
    again and again is a fifth of the work, and none are found."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _set_clock(store: Workspace, county_time: int) -> None:
    """Today is never earlier than the county's last word (sync.md, Clocks): a dead battery says 2016."""
    if isinstance(store.clock, SystemClock):
        store.clock.county_date = datetime.fromtimestamp(county_time / 1000, CHINA).date()


def begin_again(store: Workspace, page: Page) -> None:
    """The county's data was restored from a copy: everything is offered, and asked for, again."""
    with writing(store) as work:
        again = replace(ties(store).met(page.terms), cursors={}, last="", heard=0, owes_witness=True, witnessed="")
        work.set_setting(SETTING, as_setting(again))
        work.offer_again(page.terms.durable_epoch, page.terms.durable_seq)
        work.mark((seq, "unsent", "") for seq in _refused_unheard(work, again))
        work.forget_county_rows()
        agreement.note_beginning(work)


def _refused_unheard(work: Writing, known: Ties) -> list[int]:
    """Own saves that were refused, but whose rejection never came here: the county may have lost it, so ask again."""
    return [unit.seq for unit in sealed.unheard(work, known, work.rejected().values())]


def _agree(
    county: County, store: Workspace, tell: Tell, cancelled: Callable[[], bool]
) -> tuple[Received, bool]:
    """Compare content, not counts. What differs is mended; only if that does not help is everything asked for anew."""
    if agreement.is_same(store):
        return Received(), agreement.noted(store, differs=False)
    tell("正在核对……")
    done, parts = mend(county, store)
    done += _talk(county, store, tell, cancelled)
    is_mended = agreement.is_same(store)
    store.audit(store.holder, "digest_differs", records=parts, mended=is_mended)
    if not is_mended:
        agreement.ask_anew(store)
        done += _talk(county, store, tell, cancelled)
    return done, agreement.noted(store, differs=not agreement.is_same(store))


def receive(
    store: Workspace, pages: Sequence[Page], and_then: Callable[[Writing], None] = lambda work: None
) -> Received:
    """Pages that came together, in one transaction with what is to be kept of them besides."""
    return _take(store, joined(pages), and_then)


def _bytes(county: County) -> int:
    return sum(_traffic(county)[1:])


def _traffic(county: County) -> list[int]:
    """What a county across a line counted so far; one in the same program counts nothing."""
    return [int(getattr(county, name, 0)) for name in ("requests", "bytes_up", "bytes_down")]
