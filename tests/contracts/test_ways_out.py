"""Every way out that is installed here keeps the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment import plugins
from muniment.testing.exporter import ExporterContract

if TYPE_CHECKING:
    from muniment.export.api import Exporter

INSTALLED = plugins.exporters()


def contract_of(name: str, exporter: Exporter) -> type[ExporterContract]:
    return type(f"Test_{name}", (ExporterContract,), {"exporter": lambda self: exporter})


for plugin, instance in INSTALLED.items():
    globals()[f"Test_{plugin}"] = contract_of(plugin, instance)


def test_the_exhibit_is_among_them() -> None:
    assert "exhibit" in INSTALLED
