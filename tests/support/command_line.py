"""The command line as a test speaks to it, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VILLAGE = "539900101200"
PASSPHRASE = "练习口令不保密"


@dataclass
class Said:
    """What one call answered."""

    status: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


Shouwang = Callable[..., Said]
"""Carries out a verb: its words, and by name ``stdin``, ``clock`` and ``workspace``."""


def save(shouwang: Shouwang, type_name: str = "person", *options: str, **fields: Any) -> Said:
    given = {"org": VILLAGE, "name": "何芒种", "sex": "1", **fields} if type_name == "person" else fields
    return shouwang("save", type_name, *options, stdin=json.dumps(given, ensure_ascii=False))


def assert_refused(said: Said, words: str) -> None:
    assert said.status == 1
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
