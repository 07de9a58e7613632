"""Every write of the disclosure app: the acts, and the export composed of them."""

from muniment_server.disclosure.services.acts import export_items, prepare_package
from muniment_server.disclosure.services.export import Order, export, export_again

__all__ = ["Order", "export", "export_again", "export_items", "prepare_package"]
