"""The arithmetic of a map, for all places, and the coast against places that everybody knows."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment_server.pictures import coast
from muniment_server.pictures.coast import Ring, land, path_of
from muniment_server.pictures.places import HEIGHT, WIDTH, Place, frame_of, point_in

ATLAS = Path(coast.__file__).parents[1] / "static/vendor/world/110m.json"
places = st.builds(
    Place,
    number=st.just("INC-00001"),
    title=st.just(""),
    latitude=st.floats(-80, 80),
    longitude=st.floats(-180, 180),
    error_m=st.integers(0, 500_000),
)


def at(latitude: float, longitude: float, error_m: int = 40) -> Place:
    """Return a place without words."""
    return Place("INC-00001", "", latitude, longitude, error_m)


@given(st.lists(places, min_size=1, max_size=6), st.sampled_from([0.02, 3.0]))
def test_every_place_lies_in_its_frame_with_its_error(found: list[Place], least: float) -> None:
    frame = frame_of(found, least)
    assert frame.north - frame.south >= least * 0.999
    assert frame.east - frame.west <= 360.001
    for one in found:
        x, y = frame.at(one.longitude, one.latitude)
        radius = frame.radius(one.error_m)
        assert -0.01 <= x <= WIDTH + 0.01
        assert radius - 0.01 <= y <= HEIGHT - radius + 0.01
        if frame.east - frame.west < 359:
            assert x - radius >= -0.01
            assert x + radius <= WIDTH + 0.01
    assert len(frame.parallels()) <= 10


def test_places_on_both_sides_of_the_date_line_stand_beside_each_other() -> None:
    frame = frame_of([at(-17, 179.5), at(-17, -179.5)], 0.02)
    assert frame.east - frame.west < 3
    assert frame.at(179.5, -17)[0] < frame.at(-179.5, -17)[0]


@given(st.lists(st.floats(0, 4), min_size=1, max_size=5), st.floats(-180, 176))
def test_places_near_each_other_are_not_torn_apart(offsets: list[float], west: float) -> None:
    frame = frame_of([at(0, west + offset) for offset in offsets], 3.0)
    assert frame.east - frame.west < 7


def test_no_outline_jumps_across_the_world() -> None:
    for ring in land(json.loads(ATLAS.read_text(encoding="utf-8"))):
        for before, after in itertools.pairwise(ring):
            at_a_pole = abs(before[1]) == abs(after[1]) == 90
            assert abs(after[0] - before[0]) < 180 or at_a_pole


def test_north_is_up_and_east_is_right() -> None:
    frame = frame_of([at(50, 30), at(48, 38)], 3.0)
    west, south = frame.at(30, 48)
    east, north = frame.at(38, 50)
    assert west < east
    assert north < south


def test_topojson_arcs_are_joined_and_turned_back() -> None:
    atlas = {
        "transform": {"scale": [1, 2], "translate": [10, 20]},
        "arcs": [[[0, 0], [1, 0], [0, 1]], [[0, 0], [0, 1], [1, 0]]],
        "objects": {"land": {"geometries": [{"type": "Polygon", "arcs": [[0, ~1]]}]}},
    }
    assert land(atlas) == [((10, 20), (11, 20), (11, 22), (10, 22), (10, 20))]


@pytest.mark.parametrize(
    ("longitude", "latitude", "around"),
    [(31, 49, 1), (34.5, 45.3, 1), (25, 0, 1), (-30, 40, 0), (33, 43, 0)],
)
def test_land_and_sea_lie_where_they_lie(longitude: float, latitude: float, around: int) -> None:
    rings = land(json.loads(ATLAS.read_text(encoding="utf-8")))
    assert sum(_inside(ring, longitude, latitude) for ring in rings) % 2 == around


def _inside(ring: Ring, x: float, y: float) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossings += 1
    return crossings % 2 == 1


def test_only_the_land_of_the_frame_is_drawn() -> None:
    world = path_of(frame_of([at(70, 170), at(-55, -170), at(0, 0)], 3.0))
    crimea = path_of(frame_of([at(45.3, 34.5)], 3.0))
    assert path_of(frame_of([at(0, -30)], 3.0)) == ""
    assert 0 < crimea.count("M") < 5 < world.count("M")


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("+0.500000, -30.500000", (0.5, -30.5)),
        ("+48.5000-003.2500+120.123/", (48.5, -3.25)),
        ("-90+180/", (-90.0, 180.0)),
        ("+91.0, +3.0", None),
        ("+48.5, +181.0", None),
        ("+4830.5-00315.0/", None),  # degrees and minutes, which nothing here writes
        ("48.5 N, 3.25 W", None),
        ("", None),
    ],
)
def test_what_metadata_call_a_position_is_read_or_is_none(
    text: str, point: tuple[float, float] | None
) -> None:
    assert point_in(text) == point
