"""Faults run on the workspaces of the server tests."""

from __future__ import annotations

from tests.server.conftest import cluster, engine, machine, postgres_template, template, workspace

__all__ = ["cluster", "engine", "machine", "postgres_template", "template", "workspace"]
