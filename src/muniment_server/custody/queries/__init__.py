"""Every read of the log, of compartments and of the access record; lists for every app."""

from __future__ import annotations

from muniment_server.custody.queries.lists import (
    PAGE,
    Page,
    absent,
    by_key,
    matching,
    one,
    page_of,
    tally,
)
from muniment_server.custody.queries.log import (
    LoggedAct,
    acts_of,
    chain_of,
    closing_leaf,
    custody_head,
    frontier_of,
    latest_acts,
    leaf_of_act,
    leaves,
)
from muniment_server.custody.queries.need_to_know import (
    accesses,
    agent_names,
    all_compartments,
    compartment_name,
    compartments_of,
    note,
    note_list,
    open_compartment_id,
    visible,
    visible_through,
)

__all__ = [
    "PAGE",
    "LoggedAct",
    "Page",
    "absent",
    "accesses",
    "acts_of",
    "agent_names",
    "all_compartments",
    "by_key",
    "chain_of",
    "closing_leaf",
    "compartment_name",
    "compartments_of",
    "custody_head",
    "frontier_of",
    "latest_acts",
    "leaf_of_act",
    "leaves",
    "matching",
    "note",
    "note_list",
    "one",
    "open_compartment_id",
    "page_of",
    "tally",
    "visible",
    "visible_through",
]
