"""A container is read for what it says; what pretends to be one opens nothing."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import wave
from typing import TYPE_CHECKING

import pytest

from muniment.examine.api import Media, Outcome, Reading
from muniment.examine.video_metadata import VideoMetadata
from muniment.sandbox import SOURCE, Command, Ending, Output, Sandbox
from muniment.testing.examination import confinement_here

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.examine.conftest import Examine


def sound() -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return written.getvalue()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    made = [
        "ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=64x48",
        "-metadata", "creation_time=2026-03-09T12:20:00Z", "-metadata", "location=+50.45+030.52/",
        "-metadata", "title=SPECIMEN", str(path),
    ]  # fmt: skip
    subprocess.run(made, check=True)
    return path.read_bytes()


def test_a_film_says_when_where_and_what_wrote_it(film: bytes, examine: Examine) -> None:
    finding = examine(VideoMetadata(), film, "film.mp4")
    facts = {fact.name: fact.value for fact in finding.facts}
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert facts["Created"] == "2026-03-09T12:20:00.000000Z"
    assert facts["Position"] == "+50.4500+030.5200/"
    assert facts["Written by"].startswith("Lavf")
    assert "64x48" in facts["Stream: video"]
    assert finding.summary.startswith("1 stream, 1.000000 seconds.")
    assert "can be written by anyone" in finding.summary


def test_sound_is_read_too(examine: Examine) -> None:
    finding = examine(VideoMetadata(), sound(), "call.wav")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "that proves nothing" in finding.summary


# Each opens a file of the examiner's machine where nothing forbids it.
PLAYLISTS = {
    "ffconcat": "ffconcat version 1.0\nfile {}\n",
    "hls": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile://{}\n#EXT-X-ENDLIST\n",
    "hls with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://{}"\n#EXTINF:1,\n{}\n',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "dash": '<?xml version="1.0"?><MPD><Period><AdaptationSet><BaseURL>file://{}</BaseURL>'
    "</AdaptationSet></Period></MPD>",
    "imf": '<?xml version="1.0"?><CompositionPlaylist><Id>{}</Id></CompositionPlaylist>',
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_that_calls_itself_a_film_opens_nothing(
    name: str, tmp_path: Path, examine: Examine
) -> None:
    sibling = tmp_path / "sibling.wav"
    sibling.write_bytes(sound())
    finding = examine(VideoMetadata(), PLAYLISTS[name].format(sibling, sibling).encode(), "a.mp4")
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert "cannot read this" in finding.summary
    assert finding.facts == ()


def test_each_of_two_walls_alone_keeps_a_playlist_from_its_sibling(tmp_path: Path) -> None:
    """And without either it is opened: otherwise the test above would show nothing."""
    sibling = tmp_path / "sibling.wav"
    sibling.write_bytes(sound())
    playlist = tmp_path / "film.mp4"
    playlist.write_text(PLAYLISTS["ffconcat"].format(sibling), encoding="utf-8")
    bare = ("-loglevel", "error", "-safe", "0", "-show_streams", "-of", "json", f"file:{SOURCE}")
    ffprobe = shutil.which("ffprobe")
    assert ffprobe is not None

    def streams(output: bytes) -> int:
        return len(json.loads(output or b"{}").get("streams", []))

    def outside(arguments: tuple[str, ...]) -> int:
        given = [argument.replace(SOURCE, str(playlist)) for argument in arguments]
        return streams(subprocess.run([ffprobe, *given], capture_output=True, check=False).stdout)

    assert outside(("-f", "concat", *bare)) == 1  # neither wall
    with Sandbox(confinement_here(), playlist, []) as sandbox:  # the sandbox's wall
        inside = sandbox.run(Command("ffprobe", ("-f", "concat", *bare)))
    assert inside.code != 0
    assert streams(inside.stdout) == 0
    whitelist = VideoMetadata().program.arguments
    assert outside(whitelist) == 0  # the allow-list's wall
    assert "-format_whitelist" in whitelist


def read(document: object) -> Reading:
    media = Media("a.mp4", "video/mp4", 10, "0" * 64)
    return VideoMetadata().read(media, Output(Ending.EXITED, 0, json.dumps(document).encode()))


def container(stream: dict[str, object], **tags: str) -> dict[str, object]:
    form = {"format_long_name": "QuickTime / MOV", "duration": "10.0", "tags": tags}
    return {"program_version": {"version": "5"}, "streams": [stream], "format": form}


def test_a_stream_longer_than_its_container_contradicts() -> None:
    reading = read(container({"codec_type": "video", "duration": "25.0"}))
    assert reading.outcome is Outcome.CONTRADICTS
    assert "of 25.0 s in a container of 10.0 s" in reading.summary


def test_times_that_cannot_both_be_true_contradict() -> None:
    stream: dict[str, object] = {
        "codec_type": "video",
        "tags": {"creation_time": "2019-01-01T00:00:00Z"},
    }
    reading = read(container(stream, creation_time="2026-03-09T12:00:00Z"))
    assert reading.outcome is Outcome.CONTRADICTS


@pytest.mark.parametrize("unset", ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z"])
def test_a_clock_that_was_never_set_says_no_time(unset: str) -> None:
    reading = read(container({"codec_type": "video"}, creation_time=unset))
    assert "names no time" in reading.summary
