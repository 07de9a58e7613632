"""The one door: opens a bundle, has it read and reported on.

- A file that is missing or cannot be read is an error of the request, not a verdict.
- A path that opens but holds no well-formed bundle is refused, with the reason.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from muniment.errors import InvalidInput, NotFound
from muniment.verify.archive_zip import ZipArchive
from muniment.verify.contents import read_contents
from muniment.verify.fault import Malformed, as_given
from muniment.verify.folder import Folder
from muniment.verify.reading import Reading
from muniment.verify.report import VERDICTS, Report, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from cryptography import x509

    from muniment.verify.container import Container
    from muniment.verify.keys import VerifierKey

_HINT = "Give the bundle's ZIP file, or the folder it was extracted to."


def verify(
    path: Path,
    *,
    log_keys: Sequence[VerifierKey],
    require: frozenset[str],
    time_roots: Sequence[x509.Certificate] = (),
) -> Report:
    """Check the bundle at `path`, a ZIP or an extracted bag, and report (custody-log §8).

    `log_keys` and `time_roots`, roots of time authorities, are what the reader brought from
    elsewhere; `require` names verdicts that must
    be proved. Raises `NotFound` if there is nothing at the path and `InvalidInput` if it cannot be
    read or `require` names no verdict.
    """
    strange = require - set(VERDICTS)
    if strange:
        raise InvalidInput(
            f"There is no verdict named '{as_given(min(strange))}'.",
            code="verify.require",
            hint=f"The verdicts are {', '.join(VERDICTS)}.",
        )
    try:
        with _opened(path) as container:
            contents = read_contents(container)
    except Malformed as malformed:
        return _not_a_bundle(str(malformed), require)
    except FileNotFoundError as error:
        raise NotFound(
            f"There is nothing at '{as_given(str(path))}'.", code="verify.not_found", hint=_HINT
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise InvalidInput(
            f"'{as_given(str(path))}' cannot be read.", code="verify.unreadable", hint=_HINT
        ) from error
    return Reading(contents, tuple(log_keys), tuple(time_roots)).report(require)


@contextlib.contextmanager
def _opened(path: Path) -> Generator[Container]:
    if path.is_dir():
        yield Folder(path)
        return
    if path.exists() and not path.is_file():
        raise InvalidInput(
            f"'{as_given(str(path))}' is neither a file nor a folder.",
            code="verify.unreadable",
            hint=_HINT,
        )
    with path.open("rb") as file:
        yield ZipArchive(file)


def _not_a_bundle(reason: str, require: frozenset[str]) -> Report:
    unchecked = Verdict(State.ABSENT, "not checked: this is no well-formed bundle")
    verdicts = dict.fromkeys(VERDICTS, unchecked)
    verdicts["bytes_intact"] = Verdict(State.FAILED, f"this is no well-formed bundle: {reason}")
    return Report(verdicts, None, anchored=False, required=require, specimen=False)
