"""Spreadsheets in and out: the ledgers that villages have, the tables that a county wants."""
