"""Formats of others on which `muniment bench tamper` tries its mutations, each with its own reader.

Where a reader is not installed, importing its module raises ImportError: it is named as missing.
"""
