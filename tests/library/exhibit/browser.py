"""A real browser for tests of `record.html`: one Chromium, no network, every request on record.

- `Reader` is a page with an exhibit's `record.html` open from disk, as a recipient opens it.
- Whatever leaves `file:` is stopped and remembered; a test that ends with `requests` not empty has
  found a page that talks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, sync_playwright
from playwright.sync_api import TimeoutError as NothingCame

import muniment.export.exhibit as package

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
]

_SOURCES = Path(package.__file__).parent / "page"
_ADDRESS = "https://modules.invalid/"

Verdicts: TypeAlias = "dict[str, dict[str, str]]"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    program = shutil.which("chromium")
    assert program, "these tests need Chromium: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def module_page() -> Iterator[Page]:
    """A page that can import the modules of `record.html`; nothing goes to the network."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(_ADDRESS)
        if name == "":
            route.fulfill(content_type="text/html", body="<!doctype html><title>modules</title>")
        else:
            route.fulfill(content_type="text/javascript", body=(_SOURCES / name).read_text("utf-8"))

    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(_ADDRESS)
        yield page


@dataclass
class Reader:
    """A page that reads exhibits, and what it was seen to do."""

    context: BrowserContext
    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    checks: int = 0

    def open(self, record: Path) -> None:
        """Open a `record.html` from disk and wait for what it says of itself."""
        self.page.goto(record.as_uri())
        self.checks = 0
        self.wait()

    def hand_over(self, what: Path) -> str:
        """Give the page a ZIP or a folder; return the verdict."""
        self.page.set_input_files("#folder" if what.is_dir() else "#zip", what)
        self.wait()
        return self.verdict

    def bring_key(self, text: str) -> str:
        """Paste a log key; return the verdict under it."""
        self.page.locator("#key-box").evaluate("box => { box.open = true; }")
        self.page.fill("#key", text)
        self.page.click("#key-use")
        self.wait()
        return self.verdict

    def wait(self) -> None:
        self.checks += 1
        expected = f"html[data-checks='{self.checks}']"
        try:
            self.page.wait_for_selector(expected, state="attached", timeout=20_000)
        except NothingCame as error:
            message = f"no result number {self.checks}; the page said {self.errors}"
            raise AssertionError(message) from error

    @property
    def verdict(self) -> str:
        return str(self.page.evaluate("window.munimentReport.verdict"))

    @property
    def verdicts(self) -> Verdicts:
        found: Verdicts = self.page.evaluate("window.munimentReport.verdicts")
        return found

    def in_state(self, state: str) -> set[str]:
        return {name for name, one in self.verdicts.items() if one["state"] == state}


@contextmanager
def reader(
    browser: Browser,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    first: str = "",
) -> Iterator[Reader]:
    """A reader's page; `first` is a script that runs before the page's own."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    seen = Reader(context, page)

    def note(request: Request) -> None:
        if not request.url.startswith("file:"):
            seen.requests.append(request.url)

    def stop(route: Route) -> None:
        route.abort()

    context.route("http**", stop)
    page.on("request", note)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console",
        lambda message: seen.errors.append(message.text) if message.type == "error" else None,
    )
    if first:
        page.add_init_script(first)
    yield seen
    assert seen.requests == []
    context.close()
