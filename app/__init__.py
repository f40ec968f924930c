"""What the desk knows and does: no window, no network."""
