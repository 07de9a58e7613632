"""Installs the Debian packages that Muniment works with, or says exactly how.

- Run by the machine's own Python, before anything is installed: standard library only.
- As root with apt-get: installs what is missing. Otherwise: prints the line to run, and for each
  missing package what does not work without it. Either way set-up goes on: all else works.
- Nothing to do costs one call of dpkg-query.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

# Package → what does not work without it.
USED = {
    "libmagic1": "examining formats says that it could not",
    "libimage-exiftool-perl": "examining the metadata of pictures says that it could not",
    "ffmpeg": "examining video says that it could not; the demonstration has no video",
    "bubblewrap": "files are examined behind Landlock, or not at all where the kernel lacks it",
    "libseccomp2": "nothing is examined: the sandbox cannot be closed",
}
DEVELOPED_WITH = {
    "chromium": "the browser journeys and the check of record.html cannot run",
    "borgbackup": "the benchmarks lack that peer",
    "gettext": "new strings cannot be collected for translation",
    "golang-go": "the test that a foreign program reads our log cannot run",
    "golang-golang-x-mod-dev": "the test that a foreign program reads our log cannot run",
    "libfaketime": "the tests of a false clock over the whole command line cannot run",
    "postgresql-15": "the tests that run on PostgreSQL as well as SQLite cannot run",
    "postgresql-client-15": "the tests that run on PostgreSQL as well as SQLite cannot run",
    "strace": "the tests of faults in system calls and of power cuts cannot run",
}
PACKAGES = USED | DEVELOPED_WITH


def missing(dpkg_query: str) -> list[str]:
    """The packages that this Debian machine does not have."""
    shown = subprocess.run(
        [dpkg_query, "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    installed = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [package for package in PACKAGES if package not in installed]


def install(apt_get: str, packages: list[str]) -> bool:
    """Installs the packages; says whether all went in."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        [apt_get, "update", "-q"],
        [apt_get, "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode:
            return False
    return True


def explain(packages: list[str], line: str) -> None:
    """Says what is missing, what that costs, and the line that mends it."""
    print("These programs are missing. Everything else works without them, but:")
    for package in packages:
        print(f"  {package}: {PACKAGES[package]}")
    print(f"To install them:\n  {line}")


def main() -> None:
    """Installs or explains; never stops set-up."""
    dpkg_query, apt_get = shutil.which("dpkg-query"), shutil.which("apt-get")
    if dpkg_query is None or apt_get is None:
        explain(
            list(PACKAGES),
            "your system's packages of the programs above (named here as in Debian 12)",
        )
        return
    absent = missing(dpkg_query)
    if not absent:
        return
    line = f"apt-get install --no-install-recommends {' '.join(absent)}"
    if os.geteuid() != 0:
        explain(absent, f"sudo {line}")
    elif not install(apt_get, absent):
        explain(missing(dpkg_query), line)


if __name__ == "__main__":
    main()
