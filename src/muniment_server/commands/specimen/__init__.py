"""Fictional material and a fictional story for `muniment demo`: everything is marked SPECIMEN.

The States, the town and the people do not exist; the place lies in the open ocean.
"""
