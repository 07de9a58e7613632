"""Files changed, missing, added, renamed, with manifests left alone or made again by a forger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.library.verify.exhibits import Plan, exhibit
from tests.library.verify.readers import read, read_bundle, refused
from tests.library.verify.second_writer import (
    TEMPLATE,
    Bundle,
    Part,
    manifest,
    name_id,
    page,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.library.verify.second_writer import Tree

GOOD = exhibit()
PHOTO = "data/original/M-00871/001.jpg"
THUMBNAIL = "data/renditions/M-00871/001.png"

CHANGES: dict[str, tuple[dict[str, bytes | None], str]] = {
    "another photograph": ({PHOTO: b"another photograph"}, PHOTO),
    "one bit": ({PHOTO: bytes([GOOD.files[PHOTO][0] ^ 1]) + GOOD.files[PHOTO][1:]}, PHOTO),
    "a byte at the end": ({PHOTO: GOOD.files[PHOTO] + b"\0"}, PHOTO),
    "an empty file filled": ({"data/original/M-00872/001.txt": b"x"}, "M-00872/001.txt"),
    "a part missing": ({PHOTO: None}, PHOTO),
    "a rendition missing": ({THUMBNAIL: None}, THUMBNAIL),
    "a file renamed": (
        {PHOTO: None, "data/original/M-00871/003.jpg": GOOD.files[PHOTO]},
        f"{PHOTO} is missing",
    ),
    "an ending renamed": ({PHOTO: None, "data/original/M-00871/001.png": GOOD.files[PHOTO]}, ""),
    "two files swapped": (
        {PHOTO: GOOD.files[THUMBNAIL], THUMBNAIL: GOOD.files[PHOTO]},
        "is not",
    ),
    "a part too many": ({"data/original/M-00871/004.jpg": b"slipped in"}, "004.jpg"),
    "a rendition too many": ({"data/renditions/M-00872/001.png": b"slipped in"}, ""),
    "a file beside the bag's": ({"README.md": b"Read this first"}, "README.md"),
    "a place to fetch from": ({"fetch.txt": b"http://x.invalid/ 1 data/a\n"}, "fetch.txt"),
    "a file under data": ({"data/notes.txt": b"hello"}, "data/notes.txt"),
    "a file under custody": ({"custody/remarks": b"hello"}, "custody/remarks"),
    "the record changed": (
        {"data/record.json": GOOD.files["data/record.json"].replace(b"item a", b"item z")},
        "data/record.json",
    ),
    "the record missing": ({"data/record.json": None}, "data/record.json"),
    "the explanation changed": ({"VERIFY.md": b"# All is well\n"}, "VERIFY.md"),
    "the explanation missing": ({"VERIFY.md": None}, "VERIFY.md"),
    "the program changed": ({"verify.py": b"print('intact_anchored')\n"}, "verify.py"),
    "the bag's declaration changed": (
        {"bagit.txt": b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"},
        "bagit.txt",
    ),
    "the bag's declaration missing": ({"bagit.txt": None}, "bagit.txt"),
    "the bag's info changed": (
        {"bag-info.txt": GOOD.files["bag-info.txt"].replace(b"2026", b"2020")},
        "bag-info.txt",
    ),
    "the page missing": ({"record.html": None}, "record.html"),
    "a manifest missing": ({"manifest-sha256.txt": None}, "manifest-sha256.txt"),
    "the tag manifest missing": ({"tagmanifest-sha256.txt": None}, "tagmanifest-sha256.txt"),
    "a manifest of another kind": ({"manifest-md5.txt": b""}, "manifest-md5.txt"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    changed, _ = CHANGES[name]
    refused(GOOD.with_files(changed), tmp_path, "bytes_intact")


@pytest.mark.parametrize("name", CHANGES)
def test_manifests_made_again_do_not_help(tmp_path: Path, name: str) -> None:
    changed, reason = CHANGES[name]
    outcome = refused(GOOD.resealed(changed), tmp_path, "bytes_intact", reason)
    assert outcome.failed == {"bytes_intact"}


def resealed_but(path: str, change: Callable[[bytes], bytes]) -> Bundle:
    """One file changed, and the manifests made again over it (the page is not)."""
    files = {**GOOD.files, path: change(GOOD.files[path])}
    tags = {
        name: data
        for name, data in files.items()
        if not name.startswith("data/") and name != "tagmanifest-sha256.txt"
    }
    return Bundle(GOOD.name, {**files, "tagmanifest-sha256.txt": manifest(tags, "sha256")})


PAGES: dict[str, Callable[[bytes], bytes]] = {
    "other words": lambda html: html.replace(b"SPECIMEN exhibit", b"Genuine exhibit"),
    "other checks": lambda html: html.replace(b'"checks"', b'"nothing"'),
    "a word in the records": lambda html: html.replace(b"item a", b"item z", 1),
    "records of nothing": lambda _: TEMPLATE,
    "a second block": lambda html: html + b'<script type="application/json" id="bundle"></script>',
    "spaces in the records": lambda html: html.replace(b'{"binary"', b'{ "binary"', 1),
    "no end": lambda html: html.replace(b"</script>", b"</scrip>"),
    "nothing": lambda _: b"",
    "a file left out": lambda _: page(
        {path: data for path, data in GOOD.files.items() if path != "custody/policy"}
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_changed_page_is_refused(tmp_path: Path, name: str) -> None:
    bundle = resealed_but("record.html", PAGES[name])
    assert refused(bundle, tmp_path, "bytes_intact", "record.html").failed == {"bytes_intact"}


MANIFESTS: dict[str, Callable[[bytes], bytes]] = {
    "one space": lambda text: text.replace(b"  ", b" ", 1),
    "three spaces": lambda text: text.replace(b"  ", b"   ", 1),
    "capital digits": lambda text: text[:64].upper() + text[64:],
    "carriage returns": lambda text: text.replace(b"\n", b"\r\n"),
    "another order": lambda text: b"".join(reversed(text.splitlines(keepends=True))),
    "a line twice": lambda text: text + text.splitlines(keepends=True)[-1],
    "a line too many": lambda text: text + b"0" * 64 + b"  data/none\n",
    "a line missing": lambda text: b"".join(text.splitlines(keepends=True)[1:]),
    "no end of line": lambda text: text[:-1],
    "an empty line": lambda text: text + b"\n",
}


@pytest.mark.parametrize("manifest_name", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_has_one_form(tmp_path: Path, name: str, manifest_name: str) -> None:
    if manifest_name.startswith("tag"):
        bundle = GOOD.with_files({manifest_name: MANIFESTS[name](GOOD.files[manifest_name])})
    else:
        bundle = resealed_but(manifest_name, MANIFESTS[name])
    refused(bundle, tmp_path, "bytes_intact", manifest_name)


@pytest.mark.parametrize("name", MANIFESTS)
def test_the_second_manifest_has_one_form_too(tmp_path: Path, name: str) -> None:
    good = exhibit(Plan(sha512=True))
    path = "manifest-sha512.txt"
    if name == "capital digits":  # the first digest may have no letters in its first half
        changed = good.files[path].replace(b"a", b"A", 1)
    else:
        changed = MANIFESTS[name](good.files[path])
    tags = {
        one: data
        for one, data in {**good.files, path: changed}.items()
        if not one.startswith("data/") and one != "tagmanifest-sha256.txt"
    }
    changes = {path: changed, "tagmanifest-sha256.txt": manifest(tags, "sha256")}
    refused(good.with_files(changes), tmp_path, "bytes_intact", path)


def edited(**changes: Tree) -> Callable[[Tree], Tree]:
    return lambda value: {**value, **changes}


def record_edit(change: Callable[[Tree], None]) -> Callable[[Tree], Tree]:
    """A change inside the record by whoever writes it, before it is signed."""

    def hook(record: Tree) -> Tree:
        change(record)
        return record

    return hook


def drop_part(record: Tree) -> None:
    del record["items"][0]["parts"][1]


def other_digest(record: Tree) -> None:
    record["items"][0]["parts"][0]["sha256"] = "0" * 64


def other_size(record: Tree) -> None:
    record["items"][0]["parts"][0]["size"] += 1


def other_media_type(record: Tree) -> None:
    record["items"][0]["parts"][0]["media_type"] = "image/png"


def other_part_id(record: Tree) -> None:
    record["items"][0]["parts"][0]["part"] = name_id("none")


def other_folder(record: Tree) -> None:
    record["items"][1]["parts"].append(record["items"][0]["parts"].pop())


def same_path_twice(record: Tree) -> None:
    record["items"][0]["parts"].append(record["items"][0]["parts"][0])


def other_order(record: Tree) -> None:
    record["items"].reverse()


def same_number(record: Tree) -> None:
    record["items"][1]["number"] = "m-00871"
    record["items"][1]["parts"] = []


def no_items(record: Tree) -> None:
    record["items"] = []


def item_without_title(record: Tree) -> None:
    del record["items"][0]["title"]


def part_without_name(record: Tree) -> None:
    del record["items"][0]["parts"][0]["name"]


def part_id_of_none(record: Tree) -> None:
    record["items"][0]["parts"][0]["part"] = "none"


def part_of_no_path(record: Tree) -> None:
    record["items"][0]["parts"][0]["path"] = "../M-00871/001.jpg"


def batch_edit(name: str, value: str) -> Callable[[Tree], None]:
    def change(record: Tree) -> None:
        record["batch"][name] = value

    return change


def other_number(record: Tree) -> None:
    record["items"][0]["number"] = "M-99999"


RECORDS: dict[str, tuple[Callable[[Tree], Tree], str]] = {
    "a part left out": (record_edit(drop_part), "not in the record"),
    "another digest": (record_edit(other_digest), "disagree"),
    "another size": (record_edit(other_size), "disagree"),
    "another media type": (record_edit(other_media_type), "names"),
    "another part id": (record_edit(other_part_id), "names"),
    "another number": (record_edit(other_number), "puts a part of 'M-99999'"),
    "a part of another item": (record_edit(other_folder), "not in the record"),
    "a path twice": (record_edit(same_path_twice), "twice"),
    "another order": (record_edit(other_order), "order"),
    "a number twice": (record_edit(same_number), "twice"),
    "no items": (record_edit(no_items), "items"),
    "an item without a title": (record_edit(item_without_title), "title"),
    "a part id that is none": (record_edit(part_id_of_none), "hex digits"),
    "a part without a name": (record_edit(part_without_name), "name"),
    "a part elsewhere": (record_edit(part_of_no_path), "at"),
    "not marked as a specimen": (edited(specimen=False), "specimen"),
    "specimen in another form": (edited(specimen=1), "specimen"),
    "another agent": (record_edit(batch_edit("by", name_id("x"))), "by of the export"),
    "another day": (record_edit(batch_edit("date", "2026-11-20")), "date of the export"),
    "another act": (record_edit(batch_edit("eid", name_id("x"))), "eid of the export"),
    "another batch": (record_edit(batch_edit("obj", name_id("x"))), "obj of the export"),
    "another recipient": (record_edit(batch_edit("recipient", "x")), "recipient of the export"),
    "no batch": (edited(batch=[]), "batch"),
    "another version": (edited(schema=2), "version"),
    "a version that is true": (edited(schema=True), "version"),
    "items that are none": (edited(items="none"), "items"),
    "no object": (lambda _: [], "object"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_signed_record_that_tells_another_story_is_refused(tmp_path: Path, name: str) -> None:
    """The log's own keeper signed this record: it still must agree with the chain."""
    hook, reason = RECORDS[name]
    outcome = refused(exhibit(Plan(hooks={"record": hook})), tmp_path, "bytes_intact", reason)
    assert outcome.failed == {"bytes_intact"}


def test_a_record_that_is_not_canonical_is_refused(tmp_path: Path) -> None:
    def spaced(data: bytes) -> bytes:
        return json.dumps(json.loads(data)).encode()

    bundle = exhibit(Plan(hooks={"record bytes": spaced}))
    assert refused(bundle, tmp_path, "bytes_intact", "canonical").failed == {"bytes_intact"}


def test_a_part_that_its_chain_does_not_name_is_refused(tmp_path: Path) -> None:
    """Signed at export, but not what was received: the old signature on new content."""

    def forgotten(groups: Tree) -> Tree:
        groups["object"]["parts"][0]["sha256"] = "0" * 64
        return groups

    bundle = exhibit(Plan(hooks={"groups a.received": forgotten}))
    outcome = refused(bundle, tmp_path, "bytes_intact", "names data/original/M-00871/001.jpg")
    assert outcome.failed == {"bytes_intact"}


def test_a_part_that_the_record_leaves_out_is_missed(tmp_path: Path) -> None:
    """The chain names a part that the exporter kept back without saying so."""

    def more(groups: Tree) -> Tree:
        kept_back = Part("data/original/M-00871/009.jpg", b"the other photograph")
        groups["object"]["parts"].append(kept_back.committed)
        return groups

    bundle = exhibit(Plan(hooks={"groups a.received": more}))
    outcome = refused(bundle, tmp_path, "bytes_intact", "not in the record")
    assert outcome.failed == {"bytes_intact"}


def test_parts_whose_digests_are_withheld_prove_nothing(tmp_path: Path) -> None:
    plan = Plan(withhold=frozenset({"object"}), withheld=("object",))
    refused(exhibit(plan), tmp_path, "bytes_intact", "no act")


OBJECTS: dict[str, Tree] = {
    "no object": [],
    "no parts": {},
    "parts that are none": {"parts": "none"},
    "a part that is none": {"parts": ["none"]},
    "a digest that is none": {"parts": [{"part": "0" * 32, "media_type": "", "sha256": "0"}]},
}


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_group_has_one_form(tmp_path: Path, name: str) -> None:
    hooks = {"groups b.received": edited(object=OBJECTS[name])}
    refused(exhibit(Plan(hooks=hooks)), tmp_path, "bytes_intact")


INFOS: dict[str, Callable[[Tree], Tree]] = {
    "another day": edited(**{"Bagging-Date": "2026-11-22"}),
    "another act": edited(**{"External-Identifier": name_id("other")}),
    "another size": edited(**{"Payload-Oxum": "1.1"}),
    "a day too many": edited(**{"bagging-date": "2026-11-21"}),
    "no day": lambda info: {k: v for k, v in info.items() if k != "Bagging-Date"},
    "no act": lambda info: {k: v for k, v in info.items() if k != "External-Identifier"},
    "no size": lambda info: {k: v for k, v in info.items() if k != "Payload-Oxum"},
    "a label with a space": edited(**{"A label": "x"}),
    "an empty value": edited(**{"Contact-Name": ""}),
    "a folded line": edited(**{"Contact-Name": "A\n B"}),
}


@pytest.mark.parametrize("name", INFOS)
def test_a_signed_bag_info_must_fit_the_export(tmp_path: Path, name: str) -> None:
    bundle = exhibit(Plan(hooks={"bag info": INFOS[name]}))
    outcome = refused(bundle, tmp_path, "bytes_intact", "bag-info.txt")
    assert outcome.failed == {"bytes_intact"}


@pytest.mark.parametrize("ending", [b"\xff\n", b"Contact-Name: A", b"\n", b"Contact-Name: A\r\n"])
def test_a_signed_bag_info_has_lines_of_text(tmp_path: Path, ending: bytes) -> None:
    def longer(files: Tree) -> Tree:
        return {**files, "bag-info.txt": files["bag-info.txt"] + ending}

    bundle = exhibit(Plan(hooks={"selected": longer}))
    refused(bundle, tmp_path, "bytes_intact", "bag-info.txt")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n",
        b"BagIt-Version: 1.0\nTag-File-Character-Encoding: ISO-8859-1\n",
        b"BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8\r\n",
    ],
)
def test_a_signed_declaration_has_one_form(tmp_path: Path, text: bytes) -> None:
    bundle = exhibit(Plan(hooks={"selected": lambda files: {**files, "bagit.txt": text}}))
    refused(bundle, tmp_path, "bytes_intact", "does not declare BagIt 1.0")


def stray_part(files: Tree) -> Tree:
    """Signed by the exporter, but told of nowhere."""
    info = files["bag-info.txt"].replace(b".5\n", b".6\n")
    assert info != files["bag-info.txt"]
    return {**files, "bag-info.txt": info, "data/original/M-00871/003.jpg": b""}


def test_a_signed_part_that_belongs_to_no_item_is_refused(tmp_path: Path) -> None:
    bundle = exhibit(Plan(hooks={"selected": stray_part}))
    refused(bundle, tmp_path, "bytes_intact", "belongs to no item")


def test_labels_that_bagit_knows_may_be_added(tmp_path: Path) -> None:
    hook = edited(**{"Source-Organization": "Office of the Register, Видибор"})
    outcome = read_bundle(exhibit(Plan(hooks={"bag info": hook})), tmp_path)
    assert outcome.verdict == "intact_self_attested"


def test_a_signed_path_with_an_escape_reaches_no_terminal(tmp_path: Path) -> None:
    def escaped(selection: Tree) -> Tree:
        path = "data/original/\x1b[2J/001.jpg"
        files = [*selection["files"], {"path": path, "sha256": "0" * 64, "size": 0}]
        return {**selection, "files": sorted(files, key=lambda file: str(file["path"]))}

    bundle = exhibit(Plan(hooks={"selection": escaped}))
    outcome = refused(bundle, tmp_path, "chain_complete", "may not")
    words = "".join([*outcome.details.values(), *outcome.stand_alone.values()])
    assert "\x1b" not in words


def test_a_withheld_file_that_is_here_is_one_too_many(tmp_path: Path) -> None:
    def hidden(selection: Tree) -> Tree:
        return {**selection, "withheld": [PHOTO]}

    bundle = exhibit(Plan(hooks={"selection": hidden}))
    refused(bundle, tmp_path, "bytes_intact", "withholds")


def test_a_name_that_is_not_the_bundle_s_is_refused(tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.zip"
    renamed.write_bytes(Bundle("exhibit-00008", GOOD.files).zipped())
    outcome = read(renamed)
    assert outcome.failed == {"bytes_intact"}
    assert "exhibit-00007" in outcome.details["bytes_intact"]
