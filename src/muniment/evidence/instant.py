"""Instants: aware UTC datetimes, and the two texts in which they are recorded.

- Acts carry whole seconds (`2026-11-21T08:40:12Z`, custody-log §2); states carry microseconds
  (`2026-11-21T08:40:12.000000Z`, custody-log §3). Both are RFC 3339.
- One instant has one text of each kind, so texts compare as instants do.

Not its job: dates of the world, which are intervals with a precision.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from muniment.errors import InvalidInput

_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z", re.ASCII)
_SECONDS = len("YYYY-MM-DDTHH:MM:SS")
_MICROS = len("YYYY-MM-DDTHH:MM:SS.ffffff")


def now() -> datetime:
    """Return the time of this machine's clock, in UTC."""
    return datetime.now(UTC)


def to_seconds(moment: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ`, dropping the fraction; raises InvalidInput without a zone."""
    return _utc(moment).isoformat(timespec="seconds")[:_SECONDS] + "Z"


def to_micros(moment: datetime) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS.ffffffZ`; raises InvalidInput without a zone."""
    return _utc(moment).isoformat(timespec="microseconds")[:_MICROS] + "Z"


def parse(text: str) -> datetime:
    """Return the instant of a text as `to_seconds` or `to_micros` writes it.

    Raises InvalidInput for every other form, other zones and leap seconds among them.
    """
    if _TEXT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    message = f"{text[:40]!r} is not a UTC time such as 2026-11-21T08:40:12Z"
    raise InvalidInput(message, code="instant.form")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        message = "a time without a zone names no instant"
        raise InvalidInput(message, code="instant.zone")
    return moment.astimezone(UTC)
