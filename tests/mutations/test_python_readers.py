"""No spoilt exhibit passes `muniment verify` or `verify.py`, and each is refused for its reason."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from muniment.verify import read_log_keys, verify
from tests.faults.counts import cases, tell
from tests.library.exhibit.story import tell_many
from tests.mutations.bags import VERIFIER, Mutation, elsewhere, forged, later, story, thief, whole
from tests.mutations.generator import FAMILIES, mutations

Said = tuple[str, set[str]]


def library(path: Path, log_key: str) -> Said:
    """What `muniment verify` says: the verdict, and which of the seven failed."""
    keys = read_log_keys(log_key) if log_key else ()
    report = verify(path, log_keys=keys, require=frozenset())
    return report.verdict.value, {n for n, one in report.verdicts.items() if one.state == "failed"}


@cache
def program() -> ModuleType:
    """`verify.py` as it stands in the exhibits, imported once."""
    spec = importlib.util.spec_from_loader("verify_in_exhibits", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = "verify.py"
    exec(compile(VERIFIER, "verify.py", "exec"), module.__dict__)
    return module


def stand_alone(path: Path, log_key: str) -> Said:
    """What `verify.py` says."""
    code, output, complaint = program().run(
        ["--json", *(["--log-key", log_key] if log_key else []), str(path)]
    )
    assert complaint == ""
    report = json.loads(output)
    assert code == (1 if report["verdict"] == "refused" else 0)
    return report["verdict"], {
        name for name, one in report["verdicts"].items() if one["state"] == "failed"
    }


READERS: dict[str, Callable[[Path, str], Said]] = {"library": library, "stand_alone": stand_alone}


def wrongly_judged(
    mutation: Mutation, path: Path, reader: Callable[[Path, str], Said]
) -> str | None:
    """What is wrong with the judgement of a spoilt exhibit, or None."""
    path.write_bytes(mutation.make())
    verdict, failed = reader(path, mutation.log_key)
    if verdict == "refused" and failed and mutation.must <= failed <= mutation.may:
        return None
    return f"{mutation.name}: {verdict}, failed {sorted(failed)}, must {sorted(mutation.must)}"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("reader", ["library", pytest.param("stand_alone", marks=pytest.mark.slow)])
def test_every_spoilt_exhibit_is_refused_for_its_reason(
    family: str, reader: str, tmp_path: Path
) -> None:
    path = tmp_path / "exhibit.zip"
    found = [wrongly_judged(one, path, READERS[reader]) for one in FAMILIES[family]()]
    assert [wrong for wrong in found if wrong] == []


@pytest.mark.parametrize("reader", READERS)
def test_exhibits_that_nobody_spoilt_pass(reader: str, tmp_path: Path) -> None:
    key = story().ledger.key.verifier.text
    for name, bag in (("whole", whole()), ("later", later()), ("other", elsewhere())):
        path = tmp_path / f"{name}.zip"
        path.write_bytes(bag.zipped())
        assert READERS[reader](path, "") == ("intact_self_attested", set())
        with ZipFile(path) as archive:
            archive.extractall(tmp_path / name)
        assert READERS[reader](tmp_path / name / bag.name, "") == ("intact_self_attested", set())
    assert READERS[reader](tmp_path / "whole.zip", key) == ("intact_anchored", set())
    # Without a key from elsewhere, a story told anew is as good as any: that is why to bring one.
    path = tmp_path / "thief.zip"
    path.write_bytes(thief().zipped())
    assert READERS[reader](path, "") == ("intact_self_attested", set())


@pytest.mark.parametrize("reader", READERS)
def test_an_export_of_more_than_one_group_passes(reader: str, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    tell_many(300).write(path)
    assert READERS[reader](path, "") == ("intact_self_attested", set())


def test_the_generator_spoils_as_many_different_exhibits_as_it_should(
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole_zip = whole().zipped()
    made = {(mutation.make(), mutation.log_key) for mutation in mutations()}
    assert (whole_zip, "") not in made
    digests = {(sha256(data).hexdigest(), key) for data, key in made}
    assert len(digests) == len(mutations()) >= cases(500, 2000)
    tell(capsys, f"{len(digests)} spoilt exhibits, each tried on both Python readers")
    assert len({mutation.name for mutation in mutations()}) == len(mutations())


def test_the_generator_is_the_same_every_time() -> None:
    one, other = mutations(), mutations()
    assert [mutation.name for mutation in one] == [mutation.name for mutation in other]
    for at in range(0, len(one), 50):
        assert one[at].make() == other[at].make()


def test_what_is_forged_by_hand_is_what_the_exporter_writes(tmp_path: Path) -> None:
    assert forged(story()) == whole() == whole().sealed()
    assert whole().zipped() == story().write(tmp_path / "a.zip")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_program_in_the_bundle_refuses_when_it_is_run(family: str, tmp_path: Path) -> None:
    script = tmp_path / "verify.py"
    script.write_bytes(VERIFIER)
    mutation = next(iter(FAMILIES[family]()))
    (tmp_path / "exhibit.zip").write_bytes(mutation.make())
    done = subprocess.run(
        [sys.executable, "-I", script, tmp_path / "exhibit.zip"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    first, second = done.stdout.splitlines()[:2]
    assert "refused: " in first
    assert second == "This says nothing about whether the content is true."
