"""The commands that need the application: one file per command group.

These modules import Django only inside `run`, so that `muniment --help` stays light.
"""
