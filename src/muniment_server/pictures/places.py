"""The arithmetic of a map: places with an error radius, and the part of the world that holds them.

- Plate carrée, true to scale at the middle of the part: a circle of metres is nearly a circle.
- A place is a point and how far off it may be; the part of the world holds the whole circle.
- Longitudes are a circle too: places on both sides of 180° stand beside each other.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: the drawing, in units of its own
WIDTH: Final = 800
HEIGHT: Final = 400
#: metres in a degree of a great circle
DEGREE_M: Final = 111_195
_MARGIN: Final = 0.15
_ROUND: Final = 360.0
#: near the poles a degree of longitude is no longer drawn narrower
_NARROWEST: Final = 0.1
#: decimal degrees as metadata have them: "+48.5, -3.25", and ISO 6709: "+48.5-003.25+120/"
_POINT: Final = re.compile(r"([+-]\d{1,2}(?:\.\d+)?),? ?([+-]\d{1,3}(?:\.\d+)?)(?![\d.])")
_GRID: Final = (30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said to be, in degrees, and how far off it may be: 0 where none says."""

    number: str
    title: str
    latitude: float
    longitude: float
    error_m: int


def point_in(text: str) -> tuple[float, float] | None:
    """Return the latitude and longitude that a file's metadata state, or None for no such place."""
    found = _POINT.match(text)
    if found is None:
        return None
    latitude, longitude = map(float, found.groups())
    inside = abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
    return (latitude, longitude) if inside else None


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the world: its north-western corner, and how large a degree is drawn.

    `west` may lie beyond -180; `across` and `down` are units of the drawing for one degree.
    """

    west: float
    north: float
    across: float
    down: float

    @property
    def east(self) -> float:
        """The longitude of the right edge, at most 360 more than that of the left."""
        return self.west + WIDTH / self.across

    @property
    def south(self) -> float:
        """The latitude of the lower edge."""
        return self.north - HEIGHT / self.down

    @property
    def width_km(self) -> float:
        """How many kilometres lie between the left edge and the right, at the middle."""
        return WIDTH / self.down * DEGREE_M / 1000

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a point is drawn, its longitude moved into the frame."""
        moved = self.west + (longitude - self.west) % _ROUND
        return (moved - self.west) * self.across, (self.north - latitude) * self.down

    def radius(self, metres: int) -> float:
        """Return how large a distance is drawn."""
        return metres / DEGREE_M * self.down

    @property
    def grid(self) -> float:
        """How many degrees lie between two lines of the grid: at most eight lines down."""
        tall = self.north - self.south
        return next((one for one in reversed(_GRID) if tall / one <= 8), float(_GRID[0]))  # noqa: PLR2004 - see the docstring

    def meridians(self) -> list[float]:
        """Return where the lines of the grid stand."""
        return [(one - self.west) * self.across for one in _steps(self.west, self.east, self.grid)]

    def parallels(self) -> list[float]:
        """Return where the lines of the grid lie."""
        return [(self.north - one) * self.down for one in _steps(self.south, self.north, self.grid)]


def _steps(low: float, high: float, step: float) -> Iterator[float]:
    for number in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield number * step


def frame_of(places: Sequence[Place], least: float) -> Frame:
    """Return the part of the world that holds these places, their errors and a margin.

    It is at least `least` degrees of latitude high. Raises ValueError without a place.
    """
    reach = [min(one.error_m / DEGREE_M, 90.0) for one in places]
    south = min(one.latitude - far for one, far in zip(places, reach, strict=True))
    north = max(one.latitude + far for one, far in zip(places, reach, strict=True))
    middle = (max(south, -90.0) + min(north, 90.0)) / 2
    narrow = max(math.cos(math.radians(middle)), _NARROWEST)
    start = _start([one.longitude for one in places])
    east_of = [(one.longitude - start) % _ROUND for one in places]
    west = start + min(at - far / narrow for at, far in zip(east_of, reach, strict=True))
    east = start + max(at + far / narrow for at, far in zip(east_of, reach, strict=True))
    ratio = WIDTH / HEIGHT
    tall = max(least, (north - south) * (1 + 2 * _MARGIN))
    tall = max(tall, (east - west) * narrow * (1 + 2 * _MARGIN) / ratio)
    wide = min(tall * ratio / narrow, _ROUND)
    return Frame(
        west=(west + east) / 2 - wide / 2,
        north=middle + tall / 2,
        across=WIDTH / wide,
        down=HEIGHT / tall,
    )


def _start(longitudes: Sequence[float]) -> float:
    """Return which of these longitudes lies east of the widest stretch that holds none."""
    around = sorted(longitudes)
    gaps = [
        (after - before, place)
        for place, (before, after) in enumerate(
            zip(around, [*around[1:], around[0] + _ROUND], strict=True)
        )
    ]
    return around[(max(gaps)[1] + 1) % len(around)]
