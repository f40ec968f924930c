"""The county server: one ledger, one protocol, and what its staff do with it."""
