"""Muniment: evidence that proves itself, with every server switched off."""
