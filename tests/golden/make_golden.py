"""Write a golden archive: the specimen story, its keys, and the rows that rebuilding must give.

usage: python tests/golden/make_golden.py tests/golden/<version>

The key in it signs nothing but this: everything is fictional, and the origin says SPECIMEN.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from muniment_server.catalogue.services import Item


def main(target: Path) -> None:
    """Make the archive in a workspace of its own and copy what is kept of it."""
    from muniment_server.commands.init import make

    with tempfile.TemporaryDirectory() as folder:
        workspace, _key, _secrets = make(
            Path(folder) / "workspace", name="Golden", agent="SPECIMEN machine", specimen=True
        )
        from muniment.archive.objects import FolderStore
        from muniment_server.accounts import queries, services
        from muniment_server.catalogue.services import Arrival, receive
        from muniment_server.commands.specimen import story
        from muniment_server.custody.ledger import publishing
        from tests.golden.rows import recorded_rows

        by = queries.machine_actor(workspace.agent)
        store = FolderStore(workspace.archive)
        store.prepare()
        arrivals = []
        for name in ("before", "after", "altered", "page", "statement", "order"):
            stored = store.put_bytes(f"SPECIMEN {name}\n".encode())
            arrivals.append(Arrival(f"SPECIMEN {name}.txt".encode(), stored.sha256, stored.size))
        (group,) = receive(by, [arrivals], source="SPECIMEN", reason="a golden archive")
        items = [cast("Item", member.root) for member in group.members]
        story.tell(by, story.Items(*items))
        services.add_person(by, name="SPECIMEN Анна", handle="specimen", role=services.Role.ANALYST)
        publishing.publish()
        shutil.copytree(workspace.archive, target / "archive")
        shutil.rmtree(target / "archive" / "tmp", ignore_errors=True)
        for folder_of in sorted((target / "archive" / "objects").iterdir()):
            if not any(folder_of.iterdir()):
                folder_of.rmdir()
        (target / "keys").mkdir()
        for key in (workspace.log_key, workspace.signed_heads):
            shutil.copy(key, target / "keys" / key.name)
        rows = json.dumps(recorded_rows(), ensure_ascii=False, indent=1, sort_keys=True)
        (target / "rows.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
