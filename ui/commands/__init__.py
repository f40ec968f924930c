"""The verbs of the command line, a group to a file."""

from __future__ import annotations

from ui.commands import records, workspace

VERB_GROUPS = (workspace, records)
