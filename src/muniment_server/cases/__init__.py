"""Situations, cases, charges, and what has to be proved."""
