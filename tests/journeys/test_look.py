"""Every page in a real browser: whole in both widths, both schemes and all languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.server.look.gallery.serving import NARROW, WIDE, chromium, gallery, looking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

PAGES = [
    "today",
    "search",
    "parts",
    "form",
    "catalogue/items",
    "catalogue/item/1",
    "incidents/incidents",
    "incidents/incident/1",
    "incidents/claims",
    "incidents/claim/1",
    "incidents/sources",
    "incidents/source/1",
    "entities/persons",
    "entities/person/1",
    "entities/units",
    "entities/unit/1",
    "casualties/victims",
    "casualties/victim/1",
    "cases/cases",
    "cases/case/1",
    "cases/readings/1",
    "cases/situation/1",
    "cases/charge/1/2",
    "cases/crimes",
    "cases/crime/1",
    "disclosure/packages",
    "disclosure/package/1",
    "oversight/requests",
    "oversight/request/1",
    "oversight/taking_out/1",
    "custody/log",
    "custody/act/1",
    "custody/access",
    "accounts/people",
    "accounts/person/1",
    "accounts/enrolled",
    "account/login/",
    "error/404",
    "error/500",
    "error/403",
    "catalogue/items?empty",
]
LOOKS = [(WIDE, "light", "en"), (NARROW, "dark", "uk")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def too_small(page: Page) -> list[str]:
    """Return controls that a finger would miss (WCAG 2.2, 2.5.8, and 44 px for our own)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, .button, nav a")]
        .filter((e) => e.checkVisibility() && !e.closest(".quiet, .choice, .unseen"))
        .filter((e) => !e.matches("[type=checkbox], [type=radio], [type=hidden]"))
        .filter((e) => e.getBoundingClientRect().height < 43.5)
        .map((e) => `${e.outerHTML.slice(0, 90)} ${e.getBoundingClientRect().height}`)"""
    )
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(
    browser: Browser, address: str, name: str, width: int, scheme: str, language: str
) -> None:
    with looking(browser, width, scheme, language) as (page, wrong):
        page.goto(f"{address}/{name}")
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        found = Axe().run(page)
        small = too_small(page) if width == NARROW else []
        expected = [text for text in wrong if "status of" not in text or "error/" not in name]
        assert (overflow, expected, small) == (0, [], [])
        assert found.violations_count == 0, found.generate_report()
        assert page.locator("html").get_attribute("lang") == language


def test_a_form_leads_to_what_is_wrong(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        page.goto(f"{address}/form")
        page.get_by_role("button", name="Record").click()
        summary = page.locator(".summary")
        assert summary.evaluate("e => e === document.activeElement")
        assert Axe().run(page).violations_count == 0
        summary.get_by_role("link").first.click()
        field = page.locator("#id_title")
        assert field.evaluate("e => e === document.activeElement")
        assert field.get_attribute("aria-invalid") == "true"
        described = (field.get_attribute("aria-describedby") or "").split()
        texts = [page.locator(f"#{one}").inner_text() for one in described]
        assert "This field is required." in texts
        assert wrong == []


def test_the_keyboard_reaches_the_content_first(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/today")
        page.keyboard.press("Tab")
        skip = page.locator(".skip")
        assert skip.evaluate("e => e === document.activeElement")
        assert skip.evaluate("e => getComputedStyle(e).clipPath") == "none"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")


def test_focus_is_seen(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/incidents/incident/1")
        for _step in range(12):
            page.keyboard.press("Tab")
            style = page.evaluate(
                "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
                "(getComputedStyle(document.activeElement))"
            )
            assert style == ["solid", "2px"]


def test_the_menu_of_a_narrow_window_opens_and_closes(browser: Browser, address: str) -> None:
    with looking(browser, NARROW, java_script_enabled=False) as (page, _wrong):
        page.goto(f"{address}/today")
        menu = page.locator("#side")
        assert not menu.is_visible()
        page.get_by_role("button", name="Menu", exact=True).click()
        assert menu.is_visible()
        page.keyboard.press("Escape")
        assert not menu.is_visible()
        page.get_by_role("button", name="Menu", exact=True).click()
        menu.get_by_role("link", name="Items").click()
        assert page.url.endswith("/catalogue/items")


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_a_filter_lives_in_the_address(browser: Browser, address: str, *, scripts: bool) -> None:
    with looking(browser, java_script_enabled=scripts) as (page, wrong):
        page.goto(f"{address}/catalogue/items")
        page.get_by_label("image").check()
        if not scripts:
            page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url("**kind=image**")
        assert "kind=video" in page.url
        assert page.locator("#results").count() == 1
        assert wrong == []


def test_a_veil_lifts_for_whoever_asks_and_is_counted(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        page.goto(f"{address}/catalogue/item/1")
        veil = page.locator(".viewer details.veil")
        picture = veil.locator("img")
        assert "blur" in picture.evaluate("e => getComputedStyle(e).filter")
        with page.expect_response("**/exposed"):
            veil.locator("summary").click()
        assert picture.evaluate("e => getComputedStyle(e).filter") == "none"
        veil.locator("summary").click()
        assert "blur" in picture.evaluate("e => getComputedStyle(e).filter")
        veil.locator("summary").click()
        assert wrong == []
        counted = page.goto(f"{address}/exposed")
        assert counted is not None
        assert counted.text() == "1"


def test_a_veil_asks_by_a_form_without_scripts(browser: Browser, address: str) -> None:
    with looking(browser, java_script_enabled=False) as (page, _wrong):
        page.goto(f"{address}/catalogue/item/1")
        assert not page.locator(".viewer details.veil").is_visible()
        with page.expect_response("**/exposed") as asked:
            page.locator(".viewer form.veil button").press("Enter")
        assert asked.value.request.method == "POST"


def test_a_digest_is_copied_whole(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}/catalogue/item/1")
        page.get_by_role("button", name="Copy SHA-256").click()
        page.locator("#said", has_text="Copied").wait_for()
        digest = page.evaluate("navigator.clipboard.readText()")
        assert digest == page.locator(".digest code").first.inner_text()
        assert len(digest) == 64
        assert wrong == []


def test_the_chosen_scheme_stays(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/today")
        light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        page.locator(".acting").click()
        page.get_by_role("button", name="Dark").click()
        page.goto(f"{address}/catalogue/items")
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert dark != light
        assert page.locator("html").get_attribute("data-look") == "dark"


def test_the_language_changes_where_one_stands(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        page.goto(f"{address}/incidents/incident/1")
        page.get_by_role("button", name="Українська").click()
        assert page.url.endswith("/incidents/incident/1")
        assert page.locator("html").get_attribute("lang") == "uk"
        assert page.get_by_role("heading", name="Що доведено").is_visible()
        assert wrong == []


def test_paper_shows_the_record_and_no_controls(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/incidents/incident/1")
        page.emulate_media(media="print", color_scheme="dark")
        assert (
            page.locator("nav.side, .find, .actions, .foot form").locator("visible=true").all()
            == []
        )
        assert page.get_by_text("SPECIMEN").first.is_visible()
        repeated = page.evaluate(
            "getComputedStyle(document.querySelector('.specimen'), '::after').position"
        )
        assert repeated == "fixed"
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground in {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}


def test_a_right_to_left_page_is_mirrored(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/incidents/incident/1")
        page.evaluate("document.documentElement.dir = 'rtl'")
        side, main = page.locator("#side").bounding_box(), page.locator("main").bounding_box()
        assert side is not None
        assert main is not None
        assert side["x"] > main["x"]
        assert page.evaluate("document.documentElement.scrollWidth") == WIDE
