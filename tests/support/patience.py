"""How long a test waits for what must happen: it ends at once when it has, so a loaded machine may take its time."""

PATIENCE = 60
"""Seconds."""
