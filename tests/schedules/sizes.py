"""Blocks and pages of a few saves: what is long in a county is long enough here to be cut in its middle."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from sync.client import blocks, upload, witness
from sync.client.plan import Plan
from sync.server import giving

SMALL: tuple[tuple[Any, str, int], ...] = (
    (blocks, "SMALLEST", 1), (blocks, "FIRST", 5), (blocks, "LARGEST", 10),
    (upload.Upload, "MOST", 24), (Plan, "BLOCK", 5), (Plan, "RECORDS", 24), (witness, "BLOCK", 8),
    (witness, "LARGEST", 600), (giving, "PAGE", 4),
)  # fmt: skip
"""Saves in a block, in one stream, in one file; records in an answer and on one of its pages; signs in a testimony."""


def lowered() -> ExitStack:
    """Everything as small as that."""
    around = ExitStack()
    for place, name, size in SMALL:
        around.enter_context(patch.object(place, name, size))
    return around
