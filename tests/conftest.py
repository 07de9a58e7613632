"""What every test may use: the shared material, and Hypothesis without a clock.

- Nothing here knows of Django; the server's fixtures are in tests/server.
- Tests never time anything, so Hypothesis has no deadline.
- The shared material (vectors, samples, hostile files) lies beside the project or where
  MUNIMENT_SHARED says. A test that needs it is skipped only where it is absent outside CI.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("muniment", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("muniment")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared vectors and samples."""
    folder = Path(os.environ.get("MUNIMENT_SHARED", ROOT.parent / "shared"))
    if folder.is_dir():
        return folder
    sentence = f"The shared material is not at {folder}; set MUNIMENT_SHARED to where it is."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def golang() -> Path:
    """The Go compiler, where Debian's golang.org/x/mod is there too (`golang-golang-x-mod-dev`)."""
    found = shutil.which("go")
    if found and Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir():
        return Path(found)
    sentence = "The foreign reader of our log was left out: it needs Go and golang.org/x/mod."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
