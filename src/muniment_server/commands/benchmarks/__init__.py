"""Measurements side by side: ours, a named peer, and the physical limit, in one run, as ratios.

Nothing here is a test: a benchmark is a program that prints numbers.
"""
