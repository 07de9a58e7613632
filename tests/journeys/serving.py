"""A workspace served for a test as people serve it, and a browser that notes what goes wrong."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Route

WIDE, NARROW = 1280, 400
HEIGHT = 900
_HERE = frozenset({"localhost", "127.0.0.1"})
_WAIT_S = 120


def muniment(workspace: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command in a workspace, which must succeed."""
    return subprocess.run(
        [sys.executable, "-m", "muniment", "-w", str(workspace), *words],
        check=True,
        capture_output=True,
        text=True,
    )


@contextmanager
def served(workspace: Path) -> Iterator[str]:
    """Give the address of a workspace that `muniment serve` serves on a port that was free."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port = asked.getsockname()[1]
    command = [sys.executable, "-m", "muniment", "-w", str(workspace), "serve", "--port", str(port)]
    environment = {**os.environ, "LANG": "C.UTF-8"}
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        _wait_for(f"{address}/log-in/login/", server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(_WAIT_S * 4):
        if server.poll() is not None:
            raise RuntimeError(f"the server stopped with {server.returncode}")
        try:
            with urlopen(address):
                return
        except URLError:
            time.sleep(0.25)
    raise TimeoutError(address)


@dataclass(slots=True)
class Visitor:
    """Somebody at a browser: what their pages said, asked for elsewhere, and looked like."""

    page: Page
    address: str
    shots: Path | None
    wrong: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.address + path)

    def submit(self, button: str) -> None:
        """Press a form's button and wait for the page that answers."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=button, exact=True).click()

    def fill(self, **values: str) -> None:
        """Fill in a form's fields by name: text, or the value of a choice."""
        for name, value in values.items():
            at = self.page.locator(f"main [name={name}]").first
            if at.evaluate("e => e.tagName") == "SELECT":
                at.select_option(value)
            else:
                at.fill(value)

    def look(self, name: str) -> None:
        """Hold the page to what every page promises, in both widths."""
        self.seen.append(name)
        for width in (WIDE, NARROW):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            found = Axe().run(self.page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            overflow = self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{name} is {overflow} pixels too wide at {width}"
            if self.shots is not None:
                place = self.shots / f"{len(self.seen):02}-{name}-{width}.png"
                self.page.screenshot(path=place, full_page=True)
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHT})
        assert (self.wrong, self.outside) == ([], []), name


@contextmanager
def visiting(browser: Browser, address: str, shots: Path | None) -> Iterator[Visitor]:
    """Give a visitor whose every request is looked at before it leaves."""
    context = browser.new_context(
        viewport={"width": WIDE, "height": HEIGHT}, locale="en", reduced_motion="reduce"
    )
    page = context.new_page()
    visitor = Visitor(page, address, shots)

    def pass_on(route: Route) -> None:
        if urlsplit(route.request.url).hostname in _HERE:
            route.continue_()
        else:
            visitor.outside.append(route.request.url)
            route.abort()

    context.route("**/*", pass_on)
    page.on("console", lambda said: visitor.wrong.append(said.text))
    page.on("pageerror", lambda error: visitor.wrong.append(str(error)))
    try:
        yield visitor
    finally:
        context.close()


def shots_folder() -> Path | None:
    """Return the folder that MUNIMENT_SHOTS names for pictures of pages, emptied; or nothing."""
    from pathlib import Path

    named = os.environ.get("MUNIMENT_SHOTS")
    if not named:
        return None
    folder = Path(named)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
