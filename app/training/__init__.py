"""The practice county: invented people, whole enough to practise every task on, and never mixed with real ones."""
