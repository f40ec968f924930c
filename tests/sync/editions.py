"""Programs of different ages in one process: what an edition knows is put on for as long as it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.policy.access import PERMISSIONS
from app.records import BY_NAME
from sync.messages import Page, Request, Sums
from sync.server import rules, shape
from sync.server.county import CountyServer

TYPES, RIGHTS = dict(BY_NAME), dict(PERMISSIONS)


@dataclass(frozen=True)
class Edition:
    """Today's program without some types, or with one that only a later one knows."""

    lacks: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()

    @contextmanager
    def speaks(self) -> Iterator[None]:
        before = dict(BY_NAME), dict(PERMISSIONS)
        rights = {**RIGHTS, **dict.fromkeys(self.also, RIGHTS["stay"])}
        own = ({name: cls for name, cls in TYPES.items() if name not in self.lacks},
               {name: posts for name, posts in rights.items() if name not in self.lacks})  # fmt: skip
        if own == before:
            yield
            return
        self._put_on(*own)
        try:
            yield
        finally:
            self._put_on(*before)

    @staticmethod
    def _put_on(types: Mapping[str, Any], rights: Mapping[str, Any]) -> None:
        for registry, wanted in ((BY_NAME, types), (PERMISSIONS, rights)):
            registry.clear()
            registry.update(wanted)
        for found in (shape._declared, shape._is_person, rules.rules_of):
            found.cache_clear()


class CountyOf:
    """A county with the program of an edition, whatever the desks that speak to it know."""

    def __init__(self, county: CountyServer, edition: Edition) -> None:
        self._county, self._edition = county, edition

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._county, name)

        def asked(*told: Any) -> Any:
            with self._edition.speaks():
                return found(*told)

        return asked if callable(found) else found

    def exchange(self, request: Request) -> Iterator[Page]:
        with self._edition.speaks():
            pages = list(self._county.exchange(request))
        return iter(pages)

    def sums(self, device: str) -> Sums:
        with self._edition.speaks():
            return self._county.sums(device)


OLDER = Edition(lacks=frozenset({"elder", "elder_visit"}))
TODAY = Edition()
NEWER = Edition(also=frozenset({"weather"}))
