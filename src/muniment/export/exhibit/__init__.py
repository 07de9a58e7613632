"""The exhibit bundle: a BagIt bag in a deterministic ZIP that proves itself (custody-log §7).

- The same prepared export and the same custody material give the same bytes, for ever.
- What is written is checked while it is written; a contradiction leaves nothing behind.
- The form of the ZIP, the manifests and the embedding in `record.html` never changes: a later
  version must write the same bytes for an earlier act.

`Exhibit` is the exporter; `write_folder` writes the same bag as a folder.
"""

from __future__ import annotations

from muniment.export.exhibit.exporter import Exhibit, write_folder

__all__ = ["Exhibit", "write_folder"]
