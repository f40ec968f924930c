"""``shouwang demo``: a practice county on this computer, in the window, or walked through without one."""

from __future__ import annotations
