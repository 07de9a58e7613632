"""Giving evidence out: the same bytes again, nothing the giver may not know, both acts or none."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from muniment.cli.main import main
from muniment.errors import InvalidInput, NotFound, NotPermitted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from muniment.archive.workspace import Workspace
    from muniment_server.catalogue.models import Item
    from muniment_server.custody.models import Root
    from muniment_server.custody.policies import Actor


def body(answer: Any) -> bytes:  # noqa: ANN401 - the client gives a type of its own
    """Read what is streamed and close it, as a browser does."""
    data = b"".join(answer.streaming_content)
    answer.close()
    return data


def test_a_bundle_comes_as_a_file_and_again_with_the_same_bytes(
    items: Callable[..., list[Item]], browser: Callable[..., Client], tmp_path: Path
) -> None:
    from muniment.verify import verify
    from muniment.verify.report import Overall

    film, letter = items("film", "letter")
    lawyer = browser("lawyer")
    asked = lawyer.get(f"/packages/export/?item={film.number}")
    assert asked.context["form"]["items"].value() == film.number
    said = {
        "items": f"{film.number}, {letter.number}",
        "recipient": "Prosecutor of Halvia",
        "purpose": "Request 14",
    }
    answer = lawyer.post("/packages/export/", said)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    first = body(answer)
    digest = base64.b64encode(hashlib.sha256(first).digest()).decode()
    assert answer["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer["Content-Location"] == "/packages/PKG-0001/"

    page = lawyer.get("/packages/PKG-0001/").content.decode()
    for shown in ("Prosecutor of Halvia", "Request 14", film.number, letter.number):
        assert shown in page
    whole = hashlib.sha256(first).hexdigest()
    assert f'<code translate="no">{whole}</code>' in page
    assert lawyer.get("/api/packages/PKG-0001").json()["sha256"] == whole
    items("something later")
    assert body(lawyer.get("/packages/PKG-0001/bundle/")) == first
    assert body(lawyer.get("/api/packages/PKG-0001/bundle")) == first

    (tmp_path / "exhibit.zip").write_bytes(first)
    report = verify(tmp_path / "exhibit.zip", log_keys=(), require=frozenset())
    assert report.verdict is Overall.INTACT_SELF_ATTESTED


def test_an_item_outside_the_givers_compartments_is_neither_exported_nor_seen(
    machine: Actor,
    items: Callable[..., list[Item]],
    close: Callable[[Root], None],
    browser: Callable[..., Client],
    tmp_path: Path,
) -> None:
    from muniment.plugins import exporters
    from muniment_server.custody import queries as custody
    from muniment_server.disclosure import queries, services

    film, letter = items("film", "letter")
    exporter = exporters()["exhibit"]
    order = services.Order("Prosecutor of Halvia")
    services.export(machine, [film, letter], order, exporter, tmp_path / "first.zip")
    close(letter)

    before = custody.custody_head().size
    with pytest.raises(NotFound):
        services.export(machine, [film, letter], order, exporter, tmp_path / "second.zip")
    assert custody.custody_head().size == before
    assert not (tmp_path / "second.zip").exists()
    assert queries.packages(machine).total == 0
    assert queries.packages_of(machine, film) == []
    with pytest.raises(NotFound):
        queries.package(machine, "PKG-0001")

    lawyer = browser("lawyer")
    said = {"items": letter.number, "recipient": "X"}
    refused = lawyer.post("/packages/export/", said)
    assert refused.status_code == 400
    unknown = lawyer.post("/packages/export/", {"items": "M-99999", "recipient": "X"})
    shown = [next(iter(answer.context["form"].errors["items"])) for answer in (refused, unknown)]
    assert shown[0].replace(letter.number, "M-99999") == shown[1]
    assert lawyer.get("/packages/PKG-0001/").status_code == 404
    assert lawyer.get("/packages/PKG-0001/bundle/").status_code == 404
    assert "Halvia" not in lawyer.get("/packages/").content.decode()
    assert lawyer.get("/api/packages").json()["records"] == []


def test_whoever_may_do_half_begins_nothing(
    person: Callable[..., Actor],
    items: Callable[..., list[Item]],
    browser: Callable[..., Client],
    tmp_path: Path,
) -> None:
    from muniment.plugins import exporters
    from muniment_server.custody import queries as custody
    from muniment_server.disclosure import policies, services

    (film,) = items("film")
    investigator = person("investigator")
    assert policies.may_export(investigator)
    before = custody.custody_head().size
    with pytest.raises(NotPermitted):
        services.export(
            investigator,
            [film],
            services.Order("X"),
            exporters()["exhibit"],
            tmp_path / "exhibit.zip",
        )
    assert custody.custody_head().size == before
    analyst = browser("analyst")
    assert analyst.get("/packages/export/").status_code == 403
    assert analyst.get("/packages/").status_code == 200
    assert "/packages/export/" not in analyst.get(f"/items/{film.number}/").content.decode()


def test_what_is_withheld_is_named_and_not_there(
    items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    name = "film-of-a-witness.mp4"
    (film,) = items(name)
    lawyer = browser("lawyer")
    said = {
        "items": [film.number],
        "recipient": "Prosecutor of Halvia",
        "withheld": ["source"],
    }
    bundle = body(lawyer.post("/api/packages", said, content_type="application/json"))
    told = []
    with zipfile.ZipFile(io.BytesIO(bundle)) as bag:
        for member in bag.namelist():
            data = bag.read(member)
            if data != b"SPECIMEN " + name.encode():  # the evidence itself says what it says
                told.append(data)
            if member.endswith("entries.jsonl"):
                lines = [json.loads(line) for line in data.splitlines()]
                texts = [text for line in lines for text in line["disclosures"]]
                told += [base64.urlsafe_b64decode(text + "===") for text in texts]
    hidden = (name.encode(), base64.urlsafe_b64encode(name.encode()).rstrip(b"="))
    assert not [data for data in told for secret in hidden if secret in data]
    assert len(told) > len(hidden)
    page = lawyer.get("/packages/PKG-0001/").content.decode()
    assert "where items came from" in page
    assert lawyer.get("/api/packages/PKG-0001").json()["withheld"] == ["source"]


def test_an_unknown_group_and_an_empty_export_are_refused(
    machine: Actor, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    from muniment.plugins import exporters
    from muniment_server.disclosure import services

    (film,) = items("film")
    exporter = exporters()["exhibit"]
    to = tmp_path / "exhibit.zip"
    with pytest.raises(InvalidInput) as empty:
        services.export(machine, [], services.Order("X"), exporter, to)
    assert empty.value.code == "export.empty"
    with pytest.raises(InvalidInput) as group:
        services.export(
            machine, [film], services.Order("X", withheld=frozenset({"all"})), exporter, to
        )
    assert group.value.code == "export.withheld"


def test_every_item_handed_out_leaves_an_access_record(
    items: Callable[..., list[Item]], browser: Callable[..., Client]
) -> None:
    from muniment_server.custody import queries as custody

    (film,) = items("film")
    lawyer = browser("lawyer")
    body(lawyer.post("/packages/export/", {"items": film.number, "recipient": "X"}))
    body(lawyer.get("/packages/PKG-0001/bundle/"))
    taken = custody.accesses(film.pk).filter(kind="downloaded")
    assert [one.detail for one in taken] == ["PKG-0001", "PKG-0001"]


def test_a_second_export_says_nothing_of_the_first(
    machine: Actor, items: Callable[..., list[Item]], tmp_path: Path
) -> None:
    from muniment.export.exhibit.exporter import Exhibit
    from muniment.verify import verify
    from muniment_server.disclosure.services import Order, export

    (item,) = items("film")
    export(machine, [item], Order("the first court"), Exhibit(), tmp_path / "first.zip")
    export(machine, [item], Order("the second"), Exhibit(), tmp_path / "second.zip")
    held_back = Order("the third", withheld=frozenset({"source", "handling"}))
    export(machine, [item], held_back, Exhibit(), tmp_path / "third.zip")
    for name in ("first", "second", "third"):
        report = verify(tmp_path / f"{name}.zip", log_keys=[], require=frozenset())
        assert report.verdict.value == "intact_self_attested", name
    assert b"the first court" not in (tmp_path / "second.zip").read_bytes()


def test_a_second_manifest_comes_where_it_is_asked_for(
    items: Callable[..., list[Item]],
    browser: Callable[..., Client],
    workspace: Workspace,
    tmp_path: Path,
) -> None:
    (film,) = items("film")
    lawyer = browser("lawyer")
    said = {"items": film.number, "recipient": "a court", "sha512": "on"}
    from_page = body(lawyer.post("/packages/export/", said))
    asked = {"items": [film.number], "recipient": "a court", "sha512": True}
    from_api = body(lawyer.post("/api/packages", asked, content_type="application/json"))
    place = tmp_path / "exhibit.zip"
    main(["-w", str(workspace.root), "export", film.number, "--to", str(place), "--sha512"])
    for data in (from_page, from_api, place.read_bytes()):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (listed,) = (name for name in archive.namelist() if name.endswith("-sha512.txt"))
            (original,) = (name for name in archive.namelist() if "/data/original/" in name)
            digest = hashlib.sha512(archive.read(original)).hexdigest()
            assert f"{digest}  data/original/" in archive.read(listed).decode()
    assert body(lawyer.get("/packages/PKG-0001/bundle/")) == from_page
