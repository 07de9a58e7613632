"""Signing in and looking after one's log-in, in a real browser: passwords, passkeys, codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.server.look.gallery.__main__ import PASSWORD
from tests.server.look.gallery.serving import chromium, gallery, looking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/account/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in with a password").click()
    page.wait_for_url("**/today")


def open_own(page: Page, address: str, where: str) -> None:
    """Open one of a person's own pages, proving once more who it is where that is asked."""
    page.goto(f"{address}/account/{where}")
    if page.get_by_role("heading", name="Is it still you?").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url(f"**/{where}")


def test_a_wrong_password_is_said_in_words(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        page.goto(f"{address}/account/login/")
        page.get_by_label("Username").fill("ilse")
        page.get_by_label("Password").fill("no")
        page.get_by_role("button", name="Sign in with a password").click()
        assert page.locator(".summary").get_by_role("listitem").count() == 1
        assert Axe().run(page).violations_count == 0
        assert wrong == []


def test_a_passkey_is_added_and_signs_in(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        sign_in(page, address, "ilse")
        open_own(page, address, "2fa/webauthn/add/")
        page.get_by_label("Passwordless").check()
        page.get_by_role("button", name="Add a key").click()
        page.wait_for_url("**/recovery-codes/")
        assert page.locator(".codes li").count() > 0
        for own in ("2fa/", "2fa/webauthn/", "sessions/", "password/change/", "logout/"):
            open_own(page, address, own)
            assert Axe().run(page).violations_count == 0, own
        page.get_by_role("button", name="Sign out").last.click()
        page.goto(f"{address}/account/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/today")
        assert wrong == []


def test_a_passkey_that_fails_is_said_in_words(browser: Browser, address: str) -> None:
    with looking(browser) as (page, _wrong):
        page.goto(f"{address}/account/login/")
        page.evaluate("() => { navigator.credentials.get = () => Promise.reject(Error('no')); }")
        page.get_by_role("button", name="Sign in with a passkey").click()
        told = page.locator("#passkey-error")
        told.wait_for()
        assert told.evaluate("e => e === document.activeElement")
        assert Axe().run(page).violations_count == 0


def test_the_secret_of_an_app_is_drawn_under_the_policy(browser: Browser, address: str) -> None:
    with looking(browser) as (page, wrong):
        sign_in(page, address, "tam")
        open_own(page, address, "2fa/totp/activate/")
        square = page.locator(".qr svg")
        box = square.bounding_box()
        assert box is not None
        assert box["width"] > 150
        assert Axe().run(page).violations_count == 0
        assert wrong == []
