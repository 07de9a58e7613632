"""Persons, units, and who commanded what."""
