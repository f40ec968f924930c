"""How fast and how small: every figure of the goals, measured by one command (``./shouwang bench``)."""
