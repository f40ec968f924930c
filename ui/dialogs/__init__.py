"""What is asked in between: small windows that each put one question."""
