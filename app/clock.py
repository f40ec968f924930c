"""What day it is, when the computer's own clock may be years off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "CST")
"""All of the country keeps one time, whatever zone the laptop believes in."""


class Clock(Protocol):
    """Who asks for the time gets it from here, so that tests and the practice county can set it."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """The day in China."""
        ...


@dataclass(slots=True)
class SystemClock:
    """The computer's clock, never earlier than the last date that the county told us."""

    county_date: date | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        system = self.now().astimezone(CHINA).date()
        return max(system, self.county_date) if self.county_date else system


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return self.instant.astimezone(CHINA).date()

    def advance(self, **spans: float) -> None:
        """Move on by ``timedelta(**spans)``."""
        self.instant += timedelta(**spans)
