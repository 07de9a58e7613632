"""Every write of oversight: asking, approving, holding, telling, and erasing what was taken out."""

from __future__ import annotations

from muniment_server.oversight.models import ApprovalRequest, Decided, Existence, Hold
from muniment_server.oversight.services.asking import Redaction, Wish, ask, refuse
from muniment_server.oversight.services.deciding import give
from muniment_server.oversight.services.erasing import (
    erase,
    erase_entry,
    erase_now,
    erase_rest,
    finish,
    resume,
)
from muniment_server.oversight.services.grounds import require_whole_view
from muniment_server.oversight.services.holding import (
    bar_item,
    hide_existence,
    set_hold,
    tell_existence,
)

__all__ = [
    "ApprovalRequest",
    "Decided",
    "Existence",
    "Hold",
    "Redaction",
    "Wish",
    "ask",
    "bar_item",
    "erase",
    "erase_entry",
    "erase_now",
    "erase_rest",
    "finish",
    "give",
    "hide_existence",
    "refuse",
    "require_whole_view",
    "resume",
    "set_hold",
    "tell_existence",
]
