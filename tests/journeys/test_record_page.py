"""A recipient opens `record.html` from disk, hands the exhibit over, and is told what is proved."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha512
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from muniment.custody.keys import ML_DSA_44, SigningKey
from tests.library.exhibit.browser import Reader, chromium, reader
from tests.library.exhibit.ledger import id_of, key_of
from tests.library.exhibit.story import NAME, Plan, tell
from tests.mutations.bags import Bag, bag_of

CAUTION = "This says nothing about whether the content is true."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture
def page(browser: Browser) -> Iterator[Reader]:
    with reader(browser) as one:
        yield one
        assert one.errors == []


class Exhibit:
    """An exhibit as it lies on a recipient's disk: the ZIP, and the folder unpacked beside it."""

    def __init__(self, folder: Path, plan: Plan | None = None) -> None:
        self.told = tell(plan)
        self.bag: Bag = bag_of(self.told)
        self.zip = folder / f"{NAME}.zip"
        self.zip.write_bytes(self.bag.zipped())
        self.folder = folder / NAME
        for path, data in self.bag.files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        self.page = self.folder / "record.html"

    @property
    def key(self) -> str:
        return self.told.custody.keys[0]


@pytest.fixture
def exhibit(tmp_path: Path) -> Exhibit:
    return Exhibit(tmp_path)


def test_nothing_is_checked_before_it_is_handed_over(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    assert page.verdict == "not_yet_checked"
    expect(page.page.locator("#verdict")).to_contain_text("Not yet checked")
    expect(page.page.locator("#state")).to_contain_text(CAUTION)
    row = page.page.locator("#verdicts li[data-name=bytes_intact]")
    expect(row).to_contain_text("not yet checked")
    assert page.verdicts["bytes_intact"]["state"] == "absent"
    # What needs no files is said at once.
    assert page.in_state("proved") == {"included", "append_only", "chain_complete", "disclosed"}
    expect(page.page.locator(".fate").first).to_contain_text("not yet checked")


def test_the_zip_and_the_folder_check_alike(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    assert page.hand_over(exhibit.zip) == "intact_self_attested"
    from_zip = page.verdicts
    assert page.hand_over(exhibit.folder) == "intact_self_attested"
    assert page.verdicts == from_zip
    assert page.in_state("proved") == {
        "bytes_intact",
        "included",
        "append_only",
        "chain_complete",
        "disclosed",
    }
    assert page.in_state("absent") == {"witnessed", "existed_before"}
    assert set(page.page.locator(".fate").all_inner_texts()) == {"✓ unchanged"}
    assert page.page.evaluate("window.munimentReport.log_key") == exhibit.key
    assert page.page.evaluate("window.munimentReport.signatures") == "the browser's WebCrypto"


def test_a_second_manifest_is_checked_where_there_is_one(
    page: Reader, exhibit: Exhibit, tmp_path: Path
) -> None:
    files = exhibit.bag.files
    listed = {path: sha512(files[path]).hexdigest() for path in files if path.startswith("data/")}
    longer = "".join(f"{digest}  {path}\n" for path, digest in sorted(listed.items()))
    with_it = exhibit.bag.changed({"manifest-sha512.txt": longer.encode()}).sealed()
    (tmp_path / "two.zip").write_bytes(with_it.zipped())
    page.open(exhibit.page)
    assert page.hand_over(tmp_path / "two.zip") == "intact_self_attested"
    wrong = with_it.changed({"manifest-sha512.txt": longer.replace("1", "2").encode()}).sealed()
    (tmp_path / "wrong.zip").write_bytes(wrong.zipped())
    assert page.hand_over(tmp_path / "wrong.zip") == "refused"
    assert "manifest-sha512.txt" in page.verdicts["bytes_intact"]["detail"]


def test_a_zip_can_be_dropped(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    page.page.evaluate(
        """([name, text]) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }),
          );
        }""",
        [exhibit.zip.name, b64encode(exhibit.zip.read_bytes()).decode()],
    )
    page.wait()
    assert page.verdict == "intact_self_attested"


def test_a_key_from_elsewhere_anchors_it(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    page.hand_over(exhibit.zip)
    assert page.bring_key(f"# from their website\n{exhibit.key}\n") == "intact_anchored"
    expect(page.page.locator("#verdict")).to_contain_text("under the log key you brought")
    expect(page.page.locator("#not-anchored")).to_be_hidden()
    other = key_of(exhibit.told.dossier.origin, "another").verifier.text
    assert page.bring_key(other) == "refused"
    assert page.in_state("failed") == {"included"}
    later = SigningKey.generate(exhibit.told.dossier.origin, ML_DSA_44).verifier.text
    assert (
        page.bring_key(f"{exhibit.key}\n{later}\n") == "intact_anchored"
    )  # as `log key` prints it
    assert page.bring_key("") == "intact_self_attested"


def test_a_key_that_is_none_is_said_to_be_none(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    page.page.locator("#key-box").evaluate("box => { box.open = true; }")
    witness = key_of("example.invalid/w").verifier.text.replace("+A", "+B", 1)
    later = SigningKey.generate("example.invalid/log", ML_DSA_44).verifier.text
    for text in ("nonsense", exhibit.key[:-8], witness, later, f"{exhibit.key}\n{later}"):
        page.page.fill("#key", text)
        page.page.click("#key-use")
        expect(page.page.locator("#key-problem")).to_contain_text("This is not a log key")
    assert page.verdict == "not_yet_checked"


def test_without_webcrypto_its_own_code_checks_signatures(
    browser: Browser, exhibit: Exhibit
) -> None:
    missing = "Object.defineProperty(window, 'crypto', { value: {} });"
    with reader(browser, first=missing) as page:
        page.open(exhibit.page)
        assert page.hand_over(exhibit.zip) == "intact_self_attested"
        assert page.page.evaluate("window.munimentReport.signatures") == "this page's own code"
        assert page.bring_key(key_of(exhibit.told.dossier.origin, "x").verifier.text) == "refused"
        assert page.errors == []


def test_a_changed_file_is_named(page: Reader, exhibit: Exhibit) -> None:
    changed = exhibit.folder / "data/original/M-00872/001.mp4"
    changed.write_bytes(b"another film")
    page.open(exhibit.page)
    assert page.hand_over(exhibit.folder) == "refused"
    assert "data/original/M-00872/001.mp4" in page.verdicts["bytes_intact"]["detail"]
    expect(page.page.locator("#verdict")).to_contain_text("Refused")
    expect(page.page.locator("#verdict-why")).to_contain_text("Files unchanged")
    expect(page.page.locator(".fate.failed")).to_have_count(1)
    expect(page.page.locator(".fate.failed")).to_contain_text("✕ changed")
    # The right files afterwards are still the right files.
    assert page.hand_over(exhibit.zip) == "intact_self_attested"
    expect(page.page.locator(".fate.failed")).to_have_count(0)


def test_another_exhibit_does_not_pass_for_this_one(
    page: Reader, exhibit: Exhibit, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Exhibit(tmp_path / "other", Plan(recipient="someone else"))
    page.open(exhibit.page)
    assert page.hand_over(other.zip) == "refused"
    assert page.in_state("failed") == {"bytes_intact"}
    assert "another exhibit" in page.verdicts["bytes_intact"]["detail"]


def test_what_is_no_exhibit_is_refused_in_words(
    page: Reader, exhibit: Exhibit, tmp_path: Path
) -> None:
    (tmp_path / "photo.zip").write_bytes(b"\xff\xd8 not a zip")
    (tmp_path / "empty.zip").write_bytes(b"")
    page.open(exhibit.page)
    for name in ("photo.zip", "empty.zip"):
        assert page.hand_over(tmp_path / name) == "refused"
        assert "not a ZIP" in page.verdicts["bytes_intact"]["detail"]
    assert page.hand_over(exhibit.folder / "data") == "refused"
    assert "bagit.txt" in page.verdicts["bytes_intact"]["detail"]


def test_texts_of_an_exhibit_are_text(page: Reader, exhibit: Exhibit) -> None:
    page.page.add_init_script("window.alert = () => { throw new Error('a text ran'); };")
    page.open(exhibit.page)
    titles = page.page.locator(".item h3").all_inner_texts()
    assert titles[2] == "</script><script>alert('a title')</script> & \\u{202e}evil"
    names = page.page.locator(".called strong").all_inner_texts()
    assert names == [
        "IMG_0871.jpg",
        "записки <b>.txt",
        "IMG_0871.thumbnail.png",
        "-rf *.mp4",
        "st\\xe4tement\\x0a\\x1b[31m.TXT",
        "NUL",
    ]
    assert page.page.locator("script").count() == 2


def test_it_tells_who_did_what_when(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    about = page.page.locator("#about")
    expect(about).to_contain_text("Fictional Archive of Sarnia")
    expect(about).to_contain_text("Fictional Prosecutor, Room 4")
    acts = page.page.locator(".item").first.locator(".acts li")
    assert [text.split(" by ")[0] for text in acts.locator("strong").all_inner_texts()] == [
        "Received",
        "Described",
        "Rendition made",
        "Exported",
    ]
    expect(acts.first).to_contain_text("intake desk 2 (program)")
    expect(acts.first).to_contain_text("2026-03-09 15:00:01 UTC")
    acts.first.locator("summary").click()
    expect(acts.first).to_contain_text("https://example.invalid/<post>/4471")
    expect(page.page.locator("#log")).to_contain_text(exhibit.key)


def test_what_is_withheld_is_said(page: Reader, tmp_path: Path) -> None:
    plan = Plan(withhold=("source",), withheld_part="notes")
    exhibit = Exhibit(tmp_path, plan)
    page.open(exhibit.page)
    assert page.hand_over(exhibit.zip) == "intact_self_attested"
    assert page.verdicts["disclosed"]["state"] == "absent"
    for named in ("3 details", "source", "data/original/M-00871/002.txt"):
        assert named in page.verdicts["disclosed"]["detail"]
    expect(page.page.locator("[data-path='data/original/M-00871/002.txt']")).to_contain_text(
        "withheld"
    )
    expect(page.page.locator(".acts").first).to_contain_text("1 withheld")


def test_names_that_are_not_given_are_not_invented(page: Reader, tmp_path: Path) -> None:
    def nameless(data: bytes) -> bytes:
        return data.replace(b'"IMG_0871.jpg"', b'""').replace(b'"intake desk 2"', b'""')

    def shorter(data: bytes) -> bytes:
        lost = len("IMG_0871.jpg") + len("intake desk 2")
        return re.sub(rb"Oxum: (\d+)", lambda found: b"Oxum: %d" % (int(found[1]) - lost), data)

    plan = Plan(edits={"data/record.json": nameless, "bag-info.txt": shorter})
    exhibit = Exhibit(tmp_path, plan)
    page.open(exhibit.page)
    assert page.hand_over(exhibit.zip) == "intact_self_attested"
    expect(page.page.locator(".called strong").first).to_have_text("No name given")
    expect(page.page.locator(".acts li").first).to_contain_text(f"by agent {id_of('agent')[:8]}")


def test_a_specimen_is_marked_and_evidence_is_not(
    page: Reader, exhibit: Exhibit, tmp_path: Path
) -> None:
    page.open(exhibit.page)
    expect(page.page.locator("#specimen")).to_be_visible()
    expect(page.page.locator("#verdict")).to_contain_text("SPECIMEN")
    (tmp_path / "real").mkdir()
    real = Exhibit(tmp_path / "real", Plan(origin="muniment.invalid/archive-00000000"))
    page.open(real.page)
    assert page.hand_over(real.zip) == "intact_self_attested"
    expect(page.page.locator("#specimen")).to_be_hidden()
    expect(page.page.locator("#verdict")).not_to_contain_text("SPECIMEN")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_by_anyone_at_any_width(
    browser: Browser, exhibit: Exhibit, width: int, scheme: Literal["light", "dark"]
) -> None:
    with reader(browser, width=width, scheme=scheme) as page:
        page.open(exhibit.page)
        exhibit.page.write_bytes(b"changed after it was opened")
        for hand in (exhibit.zip, exhibit.folder):
            page.hand_over(hand)
            page.page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
            found = Axe().run(page.page)
            assert found.response["violations"] == []
            wide = page.page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide
        assert page.verdict == "refused"


def test_without_scripts_it_says_where_to_look(browser: Browser, exhibit: Exhibit) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(exhibit.page.as_uri())
    expect(page.locator("#state")).to_contain_text("Not checked")
    expect(page.locator("#state")).to_contain_text("VERIFY.md")
    context.close()


def test_a_template_without_an_exhibit_says_so(
    page: Reader, exhibit: Exhibit, tmp_path: Path
) -> None:
    (tmp_path / "empty.html").write_bytes(exhibit.bag.template)
    page.open(tmp_path / "empty.html")
    assert page.verdict == "refused"
    assert "holds no exhibit" in page.verdicts["included"]["detail"]


def test_printed_it_keeps_what_matters(page: Reader, exhibit: Exhibit) -> None:
    page.open(exhibit.page)
    page.hand_over(exhibit.zip)
    page.page.emulate_media(media="print")
    expect(page.page.locator(".hand")).to_be_hidden()
    expect(page.page.locator("#verdicts")).to_be_visible()
    expect(page.page.locator("#state")).to_contain_text(CAUTION)
