"""One working day in a real browser on a served workspace: from a code to a bundle that checks.

Every page is looked at in both widths as it is met: nothing is asked for from elsewhere, no script
complains, axe-core finds nothing, nothing is wider than the window.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from muniment.verify import read_log_keys, verify
from tests.journeys.serving import muniment, served, shots_folder, visiting
from tests.server.look.gallery.serving import chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.serving import Visitor

PASSWORD = "a long phrase about SPECIMEN rivers"
CRIME = "rs_8_2_b_ix"
MODE = "m_25_3_b_order"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.mark.slow
def test_a_working_day(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    made = muniment(workspace, "init", str(workspace), "--name", "SPECIMEN archive")
    log_key = _key(made.stdout + made.stderr)
    added = muniment(
        workspace, "person", "add", "SPECIMEN Ilse", "--role", "lawyer", "--handle", "ilse"
    )
    code = added.stderr.rsplit(" ", 1)[1].strip()
    with (
        served(workspace) as address,
        chromium() as browser,
        visiting(browser, address, shots_folder()) as at,
    ):
        _enrol(at, code)
        _add_a_passkey(at)
        _log_in_with_the_passkey(at)
        _deposit(at, tmp_path)
        _examine(at)
        _open_an_incident(at)
        _hear_both_sides(at)
        _put_evidence(at)
        _classify(at)
        _open_a_case(at)
        _charge(at)
        bundle = _export(at, tmp_path)
        _look_around(at)
    report = verify(bundle, log_keys=read_log_keys(log_key), require=frozenset())
    assert report.verdict.value == "intact_anchored"


def _key(said: str) -> str:
    found = re.search(r"\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", said)
    assert found, said
    return found[0]


def _enrol(at: Visitor, code: str) -> None:
    at.open("/enrol/")
    at.look("enrol")
    at.fill(handle="ilse", code=code, password1=PASSWORD, password2=PASSWORD)
    at.submit("Go on")
    at.page.wait_for_url("**/log-in/2fa/")
    at.look("passkeys")


def _add_a_passkey(at: Visitor) -> None:
    devices = at.page.context.new_cdp_session(at.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    at.open("/log-in/2fa/webauthn/add/")
    if at.page.locator("main [name=password]").is_visible():
        at.look("still-you")
        at.fill(password=PASSWORD)
        at.submit("Confirm")
    at.look("add-a-key")
    at.page.get_by_label("Passwordless").check()
    at.submit("Add a key")
    at.page.wait_for_url("**/recovery-codes/")
    at.look("recovery-codes")


def _log_in_with_the_passkey(at: Visitor) -> None:
    at.open("/log-in/logout/")
    at.look("sign-out")
    at.submit("Sign out")
    at.open("/log-in/login/")
    at.look("sign-in")
    at.page.get_by_role("button", name="Sign in with a passkey").click()
    at.page.wait_for_url(f"{at.address}/")
    at.look("today-empty")


def _deposit(at: Visitor, folder: Path) -> None:
    picture, statement = folder / "SPECIMEN yard.jpg", folder / "SPECIMEN statement.txt"
    Image.new("RGB", (640, 400), (90, 110, 90)).save(picture)
    statement.write_text("SPECIMEN. I saw smoke over the east wing.\n", encoding="utf-8")
    at.open("/items/deposit/")
    at.look("deposit")
    at.page.locator("main input[type=file]").set_input_files([picture, statement])
    at.fill(source="SPECIMEN visitor", reason="handed in today")
    at.submit("Deposit")
    at.page.wait_for_url("**/items/")
    assert at.page.get_by_text("2 files received.").is_visible()
    assert at.page.get_by_text("SPECIMEN yard.jpg").first.is_visible()
    at.look("items")


def _examine(at: Visitor) -> None:
    at.open("/items/M-00001/")
    at.look("item-not-examined")
    at.submit("Examine")
    at.page.wait_for_url("**/items/M-00001/")
    assert at.page.get_by_text("The examination waits its turn").is_visible()
    _wait_for_the_worker(at)
    assert at.page.get_by_text("The bytes are image/jpeg").first.is_visible()
    at.look("item-examined")


def _wait_for_the_worker(at: Visitor) -> None:
    """Open the page again until the worker that `serve` started has done what it was asked."""
    at.open("/items/M-00001/")
    while at.page.get_by_text(re.compile("examination (waiting|running)")).count():
        at.page.wait_for_timeout(250)
        at.open("/items/M-00001/")


def _open_an_incident(at: Visitor) -> None:
    at.open("/incidents/open/")
    at.look("open-an-incident")
    at.fill(
        title="SPECIMEN: smoke over the east wing",
        place="Lissem (invented)",
        occurred_from="2031-05-14T14:45",
        object_hit="hospital",
    )
    at.submit("Open")
    at.page.wait_for_url("**/incidents/INC-00001/")


def _hear_both_sides(at: Visitor) -> None:
    for name in ("SPECIMEN administration", "SPECIMEN ministry"):
        at.open("/sources/add/")
        at.fill(name=name, kind="official")
        at.submit("Record")
    at.look("source")
    claims = "/incidents/INC-00001/claims/add/"
    at.open(claims)
    at.look("add-a-claim")
    at.fill(source="SRC-00001", kind="event", text="The hospital was struck.", item="M-00002")
    at.submit("Record")
    at.open(claims)
    at.fill(source="SRC-00002", kind="denial", text="Nothing was struck.", denies="CLM-00001")
    at.submit("Record")
    at.open("/claims/CLM-00001/")
    assert at.page.get_by_text("Nothing was struck.").is_visible()
    at.look("claim")


def _put_evidence(at: Visitor) -> None:
    for item, stance in (("M-00001", "supports"), ("M-00002", "undermines")):
        at.open("/incidents/INC-00001/evidence/")
        at.fill(item=item, stance=stance, note="as it was handed in")
        at.submit("Record")
    at.open("/incidents/INC-00001/evidence/")
    at.fill(item="M-99999", stance="supports")
    at.submit("Record")
    assert at.page.locator(".summary").get_by_text("there is no item M-99999").is_visible()
    assert at.wrong.pop().endswith("400 (Bad Request)")  # the browser's own line for the answer
    at.look("evidence-refused")


def _classify(at: Visitor) -> None:
    at.open("/incidents/INC-00001/classify/")
    at.look("classify")
    at.fill(crime=CRIME)
    at.submit("Classify")
    at.open(f"/incidents/INC-00001/crimes/{CRIME}/")
    at.fill(element=f"{CRIME}.e1", item="M-00001", stance="supports")
    at.submit("Record")
    assert "nothing" in at.page.locator("main").inner_text().casefold()
    at.look("incident")


def _open_a_case(at: Visitor) -> None:
    at.open("/persons/add/")
    at.fill(name="SPECIMEN Dorn Varrow")
    at.submit("Record")
    at.look("person")
    at.open("/situations/open/")
    at.fill(title="SPECIMEN Calderra", conflict_type="IAC")
    at.submit("Open")
    at.look("situation")
    at.open(f"{at.page.url.removeprefix(at.address)}cases/open/")
    at.fill(title="SPECIMEN Lissem hospital")
    at.submit("Open")
    at.page.wait_for_url("**/cases/CASE-0001/")
    at.open("/cases/CASE-0001/suspects/add/")
    at.fill(person="P-00001", reason="named in a paper (specimen)")
    at.submit("Add")


def _charge(at: Visitor) -> None:
    at.open("/cases/CASE-0001/charges/add/")
    at.look("add-a-charge")
    suspect = at.page.locator("main [name=suspect] option:not([value=''])").first
    at.fill(crime=CRIME, mode=MODE, incidents="INC-00001")
    at.fill(suspect=suspect.get_attribute("value") or "")
    at.submit("Add")
    at.page.wait_for_url("**/charges/*/")
    at.look("charge-without-evidence")
    charge = at.page.url.removeprefix(at.address)
    at.open(f"{charge}evidence/")
    row = at.page.locator(f"main [name=row] option[value^='{CRIME}.e1']").first
    at.fill(row=row.get_attribute("value") or "", item="M-00001", stance="supports")
    at.look("fill-a-cell")
    at.submit("Record")
    at.page.wait_for_url(f"**{charge}")
    at.look("charge")
    at.open("/cases/CASE-0001/")
    at.look("case")


def _export(at: Visitor, folder: Path) -> Path:
    at.open("/packages/export/?item=M-00001")
    at.look("export")
    at.fill(items="M-00001 M-00002", recipient="SPECIMEN court", purpose="a request")
    with at.page.expect_download() as waiting:
        at.page.locator("main").get_by_role("button", name="Make the bundle").click()
    bundle = folder / "bundle.zip"
    waiting.value.save_as(bundle)
    at.open("/packages/PKG-0001/")
    at.look("package")
    return bundle


def _look_around(at: Visitor) -> None:
    for name in ("", "items", "incidents", "sources", "claims", "persons", "units", "victims"):
        at.open(f"/{name}/" if name else "/")
        at.look(name or "today")
    for path in ("cases/", "packages/", "collections/", "law/", f"law/{CRIME}/", "tokens/"):
        at.open(f"/{path}")
        at.look(path.strip("/").replace("/", "-"))
    at.open("/search/?q=specimen")
    at.look("search")
