"""Every recorded row of the workspace in use, in the form in which golden archives keep them."""

from __future__ import annotations

from typing import Any


def recorded_rows() -> dict[str, list[dict[str, Any]]]:
    """Return model -> rows in the order of their ids, each as its state without groups."""
    from muniment_server.custody.ledger import state

    found: dict[str, list[dict[str, Any]]] = {}
    for model in state.recorded_models():
        rows = []
        for row in model._default_manager.order_by("pk"):
            fields = {
                name: value for part in state.encode(row).values() for name, value in part.items()
            }
            rows.append(fields | {"seq": getattr(row, "seq", None)})
        found[state.label(model)] = rows
    return found
