"""The desk's side of the exchange."""
