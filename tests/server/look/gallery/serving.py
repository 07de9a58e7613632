"""Runs the gallery beside a test, and a browser that looks at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from muniment.archive.workspace import ENVIRONMENT
from tests.server.look.reading import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request

WIDE, NARROW = 1280, 400
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def gallery() -> Iterator[str]:
    """Give the address of a gallery of its own, on a port that was free."""
    command = [sys.executable, "-m", "tests.server.look.gallery"]
    # Whatever workspace an earlier test of this process worked in is gone, or not the gallery's.
    alone = {name: value for name, value in os.environ.items() if name != ENVIRONMENT}
    server = subprocess.Popen(command, cwd=ROOT, env=alone, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        address = server.stdout.readline().strip()
        assert address.startswith("http://localhost:")
        yield address
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the Chromium of this machine, or the one that Playwright installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looking(
    browser: Browser, width: int = WIDE, scheme: str = "light", language: str = "en", **more: bool
) -> Iterator[tuple[Page, list[str]]]:
    """Give a page, and the list of what went wrong on it and what it asked for elsewhere."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]  # one of the two
        locale=language,
        reduced_motion="reduce",
        **more,  # type: ignore[arg-type]  # switches of the browser
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: _note_failure(request, wrong))
    page.on("request", lambda request: _note_outside(request.url, wrong))
    yield page, wrong
    context.close()


def _note_failure(request: Request, wrong: list[str]) -> None:
    if request.failure != "net::ERR_ABORTED":  # the page was left before all had come
        wrong.append(f"{request.url} {request.failure}")


def _note_outside(url: str, wrong: list[str]) -> None:
    if not url.startswith(("http://localhost:", "data:")):
        wrong.append(url)
