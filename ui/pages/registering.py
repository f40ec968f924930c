"""Whom the registering page is opened for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewPersonWanted:
    """Somebody to register: a child or an elder."""

    kind: str


@dataclass(frozen=True, slots=True)
class SiblingWanted:
    """加同胞: a brother or sister of a registered child."""

    child: str
