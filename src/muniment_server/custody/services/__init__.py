"""Every write of the custody app: its acts, and the jobs that workers take from the queue."""

from __future__ import annotations

from muniment_server.custody.models import Job
from muniment_server.custody.services.acts import (
    create_agent,
    create_compartment,
    found,
    grant_clearance,
    make_compartment,
    revoke_clearance,
)

__all__ = [
    "Job",
    "create_agent",
    "create_compartment",
    "found",
    "grant_clearance",
    "make_compartment",
    "revoke_clearance",
]
