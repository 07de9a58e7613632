"""What every examination must keep, whoever wrote it (muniment.examine.api)."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from muniment.examine.api import (
    MAX_FACTS,
    MAX_LABEL,
    MAX_RENDITION,
    MAX_TEXT,
    UNKNOWN_TYPE,
    Examination,
    Finding,
    Media,
    Outcome,
    Reading,
    Stage,
)
from muniment.examine.examiner import Examiner
from muniment.sandbox import (
    SOURCE,
    Ending,
    NoSandbox,
    Output,
    Sandbox,
    Script,
    Unreadable,
    find_confinement,
)
from muniment.testing.expecting import expect
from muniment.testing.reshaping import reshaped

if TYPE_CHECKING:
    from muniment.sandbox import Confinement

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_DECLARED: Final = (
    UNKNOWN_TYPE, "image/jpeg", "image/png", "image/svg+xml", "video/mp4", "audio/mpeg",
    "application/pdf", "application/zip", "text/plain", "text/html", "message/rfc822",
)  # fmt: skip
_HOSTILE_ANSWERS: Final = (
    b"", b"\n", b"\xff\xfe\x00", b"null", b"true", b"[]", b"{}", b"[{}]", b"{}{}", b'"text"',
    b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 50_000, b'{"a":' * 50_000, b"{" + b"}" * 9,
    b'{"width": 1, "height": 1}\n', b"-1\n" + bytes(300), b"x" * 200_000, bytes(range(256)) * 9,
)  # fmt: skip
_HOSTILE_FILES: Final = (
    b"\x00", b"#!/bin/sh\n", bytes(5000), bytes(range(256)) * 40, b"\xff\xd8\xff\xe0" * 300,
    b"\x89PNG\r\n\x1a\n" + bytes(200), b"GIF89a" + b"\xff" * 300, b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    b"\x00\x00\x00\x18ftypmp42" + bytes(100), b"%PDF-1.7\n" + b"1 0 obj<<" * 500,
    b"PK\x03\x04" + b"\xff" * 100, b"ffconcat version 1.0\nfile /etc/passwd\n",
    b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n",
    b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A file that the examination has something to say of."""

    data: bytes
    name: str
    declared: str
    detected: str = ""

    @property
    def media(self) -> Media:
        """What is known of it."""
        digest = hashlib.sha256(self.data).hexdigest()
        return Media(self.name, self.declared, len(self.data), digest, self.detected)


@cache
def confinement_here() -> Confinement:
    """The sandbox of this machine, found once."""
    return find_confinement()


class ExaminationContract:
    """Inherit, name the class `Test…`, and return the examination; add examples it can read."""

    def examination(self) -> Examination:
        """The examination under test."""
        raise NotImplementedError

    def examples(self) -> tuple[Example, ...]:
        """Files it applies to and can read where its tool is installed."""
        return ()

    def test_it_names_itself_and_its_rules(self) -> None:
        """Findings name it for ever."""
        made = self.examination()
        offers = isinstance(cast("object", made), Examination)
        expect(offers, "It does not offer what an examination offers.")
        expect(_NAME.fullmatch(made.name), "Its name is not lower-case letters, digits and _.")
        expect(made.tool.strip(), "It names no tool.")
        expect(made.version.strip(), "Its rules have no version.")
        expect(made.stage in Stage, "It has no stage.")

    def test_it_answers_for_every_file_without_seeing_it(self) -> None:
        """`applies` is asked of everything that comes in."""
        made = self.examination()
        for declared in _DECLARED:
            for detected in ("", *_DECLARED):
                for size in (0, 1, 1 << 50):
                    media = Media("n\u00e4me", declared, size, "0" * 64, detected)
                    answer: object = made.applies(media)
                    expect(type(answer) is bool, "`applies` does not answer yes or no.")

    def test_its_program_is_one_and_stays_where_it_is(self) -> None:
        """What is visible in the sandbox is settled before the file is."""
        made = self.examination()
        program = made.program
        expect(program == made.program, "It names another program each time it is asked.")
        expect(any(SOURCE in each for each in program.arguments), "It never gets the source.")
        if isinstance(program, Script):
            expect(program.path.is_absolute(), "Its script's path is relative.")
            expect(program.path.is_file(), "Its script does not exist.")
        limits = program.limits
        expect(0 < limits.seconds <= 600, "It may run for more than ten minutes.")  # noqa: PLR2004  # said
        expect(0 < limits.output <= 64 << 20, "It may write more than 64 MiB.")

    def test_hostile_answers_are_read_or_refused(self) -> None:
        """A tool that was taken over writes what it likes."""
        for media in (example.media for example in (*self.examples(), _UNKNOWN)):
            for data in _HOSTILE_ANSWERS:
                for code in (0, 1, 255):
                    self._read(media, Output(Ending.EXITED, code, data, b"\x1b[31m\xff"))

    def test_answers_of_another_shape_are_read_or_refused(self) -> None:
        """Each value of a true answer is replaced by each kind of wrong one."""
        for example in self.examples():
            output = self._run(example)
            head, _, rest = output.stdout.partition(b"\n")
            for data in (*reshaped(output.stdout), *(each + rest for each in reshaped(head))):
                self._read(example.media, replace(output, stdout=data))
            for cut in range(0, len(output.stdout), max(1, len(output.stdout) // 50)):
                self._read(example.media, replace(output, stdout=output.stdout[:cut]))

    def test_hostile_files_get_a_finding_and_stay_as_they_are(self) -> None:
        """Through the real sandbox and the real tool."""
        for number, data in enumerate(_HOSTILE_FILES):
            hostile = Example(data, f"hostile-{number}", self._type())
            finding = self._examined(hostile)
            expect(finding.examination == self.examination().name, "It gave no finding.")

    def test_its_examples_can_be_read(self) -> None:
        """Where its tool is there, it says something of the files it is for."""
        for example in self.examples():
            finding = self._examined(example)
            expect(self.examination().applies(example.media), "It does not apply to its example.")
            if missing := self.examination().program.missing:
                expect(missing in finding.summary, "It does not say which tool is missing.")
                continue
            expect(not finding.summary.startswith("Not examined"), finding.summary)
            for rendition in finding.renditions:
                parent = rendition.parent_sha256 == example.media.sha256
                expect(parent, "A rendition does not name its parent.")

    def test_without_a_sandbox_it_says_so(self) -> None:
        """Nothing is parsed, and that is recorded."""
        refused = NoSandbox("none here")
        for example in self.examples():
            findings = _findings(self.examination(), refused, example)
            expect(len(findings) == 1, "There is not one finding.")
            expect("No sandbox" in findings[0].summary, findings[0].summary)

    def _type(self) -> str:
        """A declared type of file that it applies to."""
        made = self.examination()
        given = (*(example.declared for example in self.examples()), *_DECLARED)
        media = (Media("x", declared, 1, "0" * 64) for declared in given)
        found = next((each.declared for each in media if made.applies(each)), "")
        expect(found, "It applies to no file: give it an example.")
        return found

    def _run(self, example: Example) -> Output:
        program = self.examination().program
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "source")
            path.write_bytes(example.data)
            with Sandbox(confinement_here(), path, [program]) as sandbox:
                return sandbox.run(program)

    def _read(self, media: Media, output: Output) -> None:
        try:
            reading = self.examination().read(media, output)
        except Unreadable:
            return
        _check(reading)
        for rendition in reading.renditions:
            expect(rendition.parent_sha256 == media.sha256, "A rendition has another parent.")
            expect(len(rendition.data) <= MAX_RENDITION, "A rendition is too large.")

    def _examined(self, example: Example) -> Finding:
        findings = _findings(self.examination(), confinement_here(), example)
        expect(len(findings) == 1, f"There are {len(findings)} findings, not one.")
        return findings[0]


_UNKNOWN: Final = Example(b"?", "unknown", UNKNOWN_TYPE)


def _findings(
    examination: Examination, confinement: Confinement, example: Example
) -> tuple[Finding, ...]:
    """Through the examiner, on a file that must be the same afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "source")
        path.write_bytes(example.data)
        examined = Examiner([examination], confinement).examine(path, example.media)
        expect(path.read_bytes() == example.data, "The original was changed.")
        expect([*Path(folder).iterdir()] == [path], "Something was left beside the original.")
    return examined.findings


def _check(reading: Reading) -> None:
    """Within the bounds of a record, and safe to show."""
    expect(reading.outcome in Outcome, "The outcome is not one of the three.")
    expect(reading.summary.strip(), "The summary is empty.")
    expect(reading.basis.strip(), "The basis is empty.")
    expect(len(reading.facts) <= MAX_FACTS, "There are too many facts.")
    names, values = (fact.name for fact in reading.facts), (fact.value for fact in reading.facts)
    labels = (reading.version, reading.citation, reading.detected, *names)
    texts = (reading.summary, reading.basis, *values)
    expect(all(len(label) <= MAX_LABEL for label in labels), "A version, place or name is long.")
    expect(all(len(text) <= MAX_TEXT for text in texts), "A text is too long.")
    for text in (*labels, *texts):
        expect(text.isprintable(), f"A text is not safe to show: {text[:80]!r}")
