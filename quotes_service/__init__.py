"""Quotes: owns the quotes and the accounts, and keeps a count of likes on every quote."""
