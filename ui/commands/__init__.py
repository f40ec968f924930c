"""The verbs of the command line, a group to a file."""

from __future__ import annotations

from ui.commands import county, demo, duplicates, exchange, paper, parcels, records, spreadsheets, workspace

VERB_GROUPS = (workspace, records, duplicates, spreadsheets, paper, exchange, parcels, demo, county)
