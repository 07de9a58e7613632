"""Finds what others and we ourselves plug in: ways in, examinations, ways out.

    examinations = examiners()      # a mapping of name to instance, in order of name
    muniment.examiners = { sun = "my_package.sun:SunPosition" }     # how one is announced

- Three entry point groups: `muniment.capturers`, `muniment.examiners`, `muniment.exporters`. Ours
  are listed in pyproject.toml like a stranger's; nothing here names one.
- An entry point names a class that is made without arguments. Where the instance has a `name`, it
  is the entry point's. Two that claim one name are refused; the error says which packages they are.
- A plugin that cannot be imported, made, or used stops the search with its package's name: evidence
  is not processed by whatever part happens to load.

Not its job: deciding which plugin applies; running one.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, cast

from muniment.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from muniment.capture.api import Capturer
    from muniment.examine.api import Examination
    from muniment.export.api import Exporter

CAPTURERS: Final = "muniment.capturers"
EXAMINERS: Final = "muniment.examiners"
EXPORTERS: Final = "muniment.exporters"

# What each kind of plugin must offer; the contract suites say what it must do.
_OFFERED: Final = {
    CAPTURERS: ("takes", "survey", "captures"),
    EXAMINERS: ("name", "version", "tool", "stage", "applies", "program", "read"),
    EXPORTERS: ("name", "media_type", "prepare", "resume", "write"),
}


def capturers() -> dict[str, Capturer]:
    """Every way in, by name. Raises Conflict or Unavailable (see above)."""
    return cast("dict[str, Capturer]", _found(CAPTURERS))


def examiners() -> dict[str, Examination]:
    """Every examination, by name. Raises Conflict or Unavailable (see above)."""
    return cast("dict[str, Examination]", _found(EXAMINERS))


def exporters() -> dict[str, Exporter]:
    """Every way out, by name. Raises Conflict or Unavailable (see above)."""
    return cast("dict[str, Exporter]", _found(EXPORTERS))


def _found(group: str) -> dict[str, object]:
    chosen: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):  # a package twice on the path counts once
        if other := chosen.get(entry.name):
            raise Conflict(
                f"Two plugins of {group} are called {entry.name!r}: {_shown(other)} and"
                f" {_shown(entry)}.",
                code="plugin.duplicate",
                hint="Uninstall one of the two packages.",
            )
        chosen[entry.name] = entry
    return {name: _made(group, chosen[name]) for name in sorted(chosen)}


def _made(group: str, entry: EntryPoint) -> object:
    try:
        plugin: object = entry.load()()
    except (ImportError, AttributeError, TypeError) as error:
        raise _unusable(group, entry, f"it cannot be loaded ({error})") from error
    missing = [word for word in _OFFERED[group] if not hasattr(plugin, word)]
    if missing:
        raise _unusable(group, entry, f"it has no {', '.join(missing)}")
    name: object = getattr(plugin, "name", entry.name)  # a way in has none of its own
    if name != entry.name:
        raise _unusable(group, entry, f"it calls itself {name!r}")
    return plugin


def _unusable(group: str, entry: EntryPoint, why: str) -> Unavailable:
    return Unavailable(
        f"The plugin {entry.name!r} of {group} in {_shown(entry)} is not usable: {why}.",
        code="plugin.unusable",
        hint="Update or uninstall that package.",
    )


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else ""


def _shown(entry: EntryPoint) -> str:
    return f"{_package(entry) or 'an unnamed package'} ({entry.value})"
