"""Find where this desk differs from the county, record by record, and mend just that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.store.changes import (
    Name,
    Noted,
    Workspace,
    Writing,
    forget_noted,
    noted,
    noted_after,
    strays,
    sums_beneath,
    writing,
)
from sync.client.bearing import most_records
from sync.client.credentials import ties
from sync.client.receiving import Received, Receiving
from sync.client.sealed import sealer
from sync.descent import OWN
from sync.drill import MOST_NAMES, MOST_PARTS, Detail, Part
from sync.merge import State
from sync.messages import Page, Row, Sums
from sync.protocol import County

LOOKED_OVER, UNLIKE = "exchange_looked_over", "exchange_unlike"
LOOKED_OVER_AT = "exchange_looked_over_at"
"""The setting with the county's time when something was looked over last, in milliseconds since 1970."""
AT_A_TIME, A_WHILE = 50, 60 * 60_000
"""So many records are looked over at the end of an exchange that moved something, or when so many milliseconds have
passed: all of them in a few weeks, at no cost that is felt."""


def look_over(work: Writing, page: Page) -> None:
    """Whether what lies here is still what the county sent: a part of it, the next part the next time, and so round.

    Of what is not, the county's digest is forgotten, so that the comparison finds it.
    """
    if not page.brings_news and 0 <= page.terms.time - work.setting(LOOKED_OVER_AT, 0) < A_WHILE:
        return
    work.set_setting(LOOKED_OVER_AT, page.terms.time)
    last: Name = tuple(work.setting(LOOKED_OVER) or ("", ""))
    some = noted_after(work, last, AT_A_TIME)
    forget_noted(work, altered(work, some))
    reached = [some[-1][0], some[-1][1]] if len(some) == AT_A_TIME else None
    if reached or last != ("", ""):
        work.set_setting(LOOKED_OVER, reached)


def altered(work: Writing, some: Sequence[Noted]) -> set[Name]:
    """Those whose content here is not what the county's digest says, save where own changes lie over it."""
    # Without a division it is about to leave; without digests it is asked for anew.
    names = {(type_, id_): (org, h1, h2) for type_, id_, org, h1, h2 in some if org and h1 >= 0}
    here = {name: State(*found) for name, found in work.held(names).items()}
    unlike = work.setting(UNLIKE) or {}
    found = set()
    for name, (org, *digest) in names.items():
        state = here.get(name)
        if state is None:
            found |= {name} if work.is_known(name[0]) else set()
        elif not _is_pending(state) and [*_row(name, org, state).digest()] != digest:
            found |= {name} if unlike.get(" ".join(name)) != digest else set()
    return found


def _is_pending(state: State) -> bool:
    return any(stamp.startswith(OWN) for stamp in state.stamps.values())


def _row(name: Name, org: str, state: State) -> Row:
    return Row(*name, "", org, state.body, state.stamps)  # whose it is follows from the content


def mend(county: County, store: Workspace) -> tuple[Received, Mapping[str, int]]:
    """Fetch what is missing or different here, let go of what the county does not show to this desk.

    Gives what screens must show anew, and how many records it was, by division and type. Own changes that wait are
    never touched. Raises CountyUnreachable, CountyRefused.
    """
    device = ties(store).device
    theirs = county.sums(device)
    with writing(store) as work:
        apart = _apart(work.sums(), theirs)
        for org, type_ in apart:
            forget_noted(work, altered(work, noted(work, org, type_)))
        astray = strays(work)
    wanted, surplus = _differing(county, store, [(org, type_, "") for org, type_ in apart])
    done = Received()
    for page in _fetched(county, device, sorted({*wanted, *astray}), most_records(store, MOST_NAMES)):
        done += _lay(store, page)
        wanted |= {(row.type, row.record): row.org for row in page.rows}
    surplus |= dict.fromkeys(astray, "")
    gone = {name: org for name, org in surplus.items() if name not in wanted}
    done += _let_go(store, gone)
    counted = Counter(f"{org} {type_}".strip() for (type_, _), org in {**wanted, **gone}.items())
    return done, dict(sorted(counted.items()))


def _apart(mine: Sums, theirs: Sums) -> list[tuple[str, str]]:
    differing = (name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    return sorted((org, type_) for org, type_ in differing if org)  # without: it is about to leave


def _differing(county: County, store: Workspace, parts: list[Part]) -> tuple[dict[Name, str], dict[Name, str]]:
    """Down from the parts to single records, each with its division: what the county has, and what only this desk."""
    wanted: dict[Name, str] = {}
    surplus: dict[Name, str] = {}
    device = ties(store).device
    most = most_records(store, MOST_PARTS)
    while parts:
        asked, parts = parts[:most], parts[most:]
        for part, detail in zip(asked, county.look(device, asked), strict=True):
            with writing(store) as work:
                parts += _beneath(work, part, detail, wanted, surplus)
    return wanted, surplus


def _beneath(
    work: Writing, part: Part, detail: Detail, wanted: dict[Name, str], surplus: dict[Name, str]
) -> Iterator[Part]:
    org, type_, end = part
    if detail.parts:
        mine = sums_beneath(work, *part)
        differing = (digit for digit in mine.keys() | detail.parts.keys() if mine.get(digit) != detail.parts.get(digit))
        yield from ((org, type_, digit + end) for digit in sorted(differing))
        return
    here = {id_: (h1, h2) for _, id_, _, h1, h2 in noted(work, *part)}
    wanted.update({(type_, id_): org for id_, digest in detail.ids.items() if here.get(id_) != digest})
    surplus.update({(type_, id_): org for id_ in here.keys() - detail.ids.keys()})


def _fetched(county: County, device: str, names: Sequence[Name], most: int) -> Iterator[Page]:
    for at in range(0, len(names), most):
        yield county.named(device, names[at : at + most])


def _lay(store: Workspace, page: Page) -> Received:
    with writing(store) as work:
        done = _receiving(store, work).mend(page)
        _note_unlike(work, page.rows)
    return done


def _receiving(store: Workspace, work: Writing) -> Receiving:
    return Receiving(work, store.divisions, sealer(store, work))


def _note_unlike(work: Writing, rows: Iterable[Row]) -> None:
    """What cannot be kept here letter for letter is not fetched again and again."""
    found = [(row.type, row.record, row.org, *row.digest()) for row in rows]
    if still := altered(work, found):
        unlike = work.setting(UNLIKE) or {}
        told = {f"{type_} {id_}": [h1, h2] for type_, id_, _, h1, h2 in found if (type_, id_) in still}
        work.set_setting(UNLIKE, {**unlike, **told})


def _let_go(store: Workspace, names: Iterable[Name]) -> Received:
    with writing(store) as work:
        done = _receiving(store, work).let_go(set(names))
        forget_noted(work, set(names))
    return Received(gone=done.gone, changes=done.changes)  # nobody moved
