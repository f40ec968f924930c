"""What is allowed and what is due: pure decisions over facts, rules kept as data."""
