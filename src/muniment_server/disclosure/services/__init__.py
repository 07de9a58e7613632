"""Every write of the disclosure app: the acts, and the export composed of them."""

from __future__ import annotations

from muniment_server.disclosure.services.acts import export_items, prepare_package
from muniment_server.disclosure.services.bundle import Bundle, bundle_again, export_bundle
from muniment_server.disclosure.services.export import Order, export, export_again

__all__ = [
    "Bundle",
    "Order",
    "bundle_again",
    "export",
    "export_again",
    "export_bundle",
    "export_items",
    "prepare_package",
]
