"""The `muniment` command: one module a command, found by `main` (cli.md)."""

from __future__ import annotations
