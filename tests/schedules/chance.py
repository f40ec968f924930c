"""Everything that is left to chance or to the clock comes from one seed, so that a day that went wrong comes again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from random import Random
from unittest.mock import patch

from app.clock import SystemClock

BEGAN = 1_795_000_000_000
"""Milliseconds since 1970 when every world begins."""
DAY = 86_400_000


class Clock:
    """Time goes on by a little whenever somebody looks, so that no two looks are told the same.

    ``off`` is by how many milliseconds the clock of whoever looks is wrong.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now = BEGAN
        self.off = 0

    def milliseconds(self) -> int:
        """Since 1970, as far as whoever looks knows."""
        self._now += self._random.randrange(1, 4)
        return self._now + self.off

    def days_pass(self, days: int) -> None:
        """Nobody does anything for so long."""
        self._now += days * DAY

    @contextmanager
    def wrong_by(self, off: int) -> Iterator[None]:
        """Meanwhile it is somebody else who looks; the county's clock is right."""
        before, self.off = self.off, off
        try:
            yield
        finally:
            self.off = before


@contextmanager
def seeded(seed: int) -> Iterator[Clock]:
    """Ids, nonces, tokens, keys and the time of day are drawn from the seed; what is only sealed stays as it is."""
    random, clock = Random(f"chance {seed}"), Clock(Random(f"clock {seed}"))
    with ExitStack() as around:
        for name, drawn in {
            "token_bytes": random.randbytes, "token_hex": lambda size: random.randbytes(size).hex(),
            "randbits": random.getrandbits, "randbelow": random.randrange, "choice": random.choice,
        }.items():  # fmt: skip
            around.enter_context(patch.object(secrets, name, drawn))
        for module in ("credentials", "incarnation"):
            around.enter_context(patch(f"sync.client.{module}.new_key", lambda: random.randbytes(32).hex()))
        around.enter_context(patch.object(time, "time_ns", lambda: clock.milliseconds() * 1_000_000))
        around.enter_context(patch.object(time, "time", lambda: clock.milliseconds() / 1_000))
        now = lambda _: datetime.fromtimestamp(clock.milliseconds() / 1_000, UTC)  # noqa: E731
        around.enter_context(patch.object(SystemClock, "now", now))
        yield clock
