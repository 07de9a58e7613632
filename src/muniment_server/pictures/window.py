"""The stretch of time that the API is asked for; apart, as commands need no API."""

from __future__ import annotations

import datetime

from ninja import Field, Schema

from muniment_server.pictures.spans import Span


class Window(Schema):
    """A stretch of days as the API is asked for it, both ends in it."""

    first: datetime.date | None = Field(None, alias="from")
    last: datetime.date | None = Field(None, alias="to")

    def span(self) -> Span:
        """Return it as an interval."""
        return Span(self.first, self.last)
