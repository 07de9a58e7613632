"""Ways out: one module or package a format, found by entry point, independent of each other.

- Exporters get values (`api`) and write files; they know no log, no database and no person.
"""
