"""What the county did to this desk while nobody watched, kept until somebody has read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.store.changes import Store, Workspace, Writing, writing
from sync.client.moved import Moved, People, in_words

SETTING = "exchange.news"
ONE_STORY = 60 * 60_000
"""Milliseconds: pages of one exchange, and of those that follow at once, tell one story."""
KEPT = 30
CLONED_WORDS = (
    "这份资料在别处也用过：可能拷贝到了另一台电脑，也可能这台是从旧备份恢复的。写过的都没有丢，这台换了自己的名字接着用。"
    "要是真有两台，请告诉县里，由县里定哪一台该停用。"
)
DIFFERS_WORDS = "资料都在。和县里核对，还有对不上的地方，重新收了一遍也没有对上，请告诉县里。"


@dataclass(frozen=True, slots=True)
class News:
    """When, in milliseconds since 1970 by the county's clock, and what happened in sentences."""

    at: int
    words: tuple[str, ...]


def note_moved(work: Writing, at: int, moved: Moved) -> None:
    """People came or left: kept in the transaction that moves them, for the exchange may break off after it."""
    if not moved:
        return
    kept = work.setting(SETTING, [])
    last = kept[-1] if kept and "moved" in kept[-1] and at - kept[-1]["at"] < ONE_STORY else None
    told = asdict(_moved(last["moved"]) + moved if last else moved)
    earlier = kept[:-1] if last else kept
    work.set_setting(SETTING, [*earlier, {"at": at, "moved": told}][-KEPT:])


def note_clone(work: Writing, at: int) -> None:
    """Another computer goes by this desk's name."""
    _note(work, at, CLONED_WORDS)


def note_difference(work: Writing, at: int) -> None:
    """This desk and the county hold different records, whatever was tried."""
    _note(work, at, DIFFERS_WORDS)


def _note(work: Writing, at: int, words: str) -> None:
    work.set_setting(SETTING, [*work.setting(SETTING, []), {"at": at, "words": [words]}][-KEPT:])


def unread(store: Store) -> tuple[News, ...]:
    """What nobody has read yet, the latest first."""
    kept = store.setting(SETTING, [])
    return tuple(_news(each) for each in reversed(kept))


def put_away(store: Workspace, read: Collection[News]) -> None:
    """Somebody has read these; what came since, or was added to one of them, stays."""
    with writing(store) as work:
        kept = work.setting(SETTING, [])
        work.set_setting(SETTING, [each for each in kept if _news(each) not in read])


def _news(kept: Mapping[str, Any]) -> News:
    return News(kept["at"], _words(kept))


def _words(kept: Mapping[str, Any]) -> tuple[str, ...]:
    return in_words(_moved(kept["moved"])) if "moved" in kept else tuple(kept["words"])


def _moved(kept: Mapping[str, Any]) -> Moved:
    people = {name: People(**kept[name]) for name in ("away", "lost")}
    orgs = {name: tuple(kept[name]) for name in ("ended", "granted")}
    return Moved(**{**kept, **people, **orgs})
