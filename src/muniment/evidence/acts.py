"""The closed list of acts: everything that the custody log can say was done.

- An act's name is `<noun>.<past participle>` and never changes its meaning: logs are read in 2050.
- Each act has one permission, a sentence that follows the name of whoever did it ("A. Ivanova
  received an item"), and an explanation for the list of acts in the manual.
- Sentences and explanations are marked for translation here and translated where they are shown.

Not its job: who holds which permission; what an act writes.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from muniment.evidence.act_kind import ActKind
from muniment.evidence.oversight_acts import OVERSIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping

_ = str  # marks for gettext and changes nothing

_PEOPLE = (
    ActKind(
        "agent.created",
        "agent.create",
        _("created an agent"),
        _("A machine account exists in whose name programs act; it is never a person."),
    ),
    ActKind(
        "person.added",
        "person.add",
        _("added a person to the team"),
        _("Someone who works with this workspace got an account."),
    ),
    ActKind(
        "person.ended",
        "person.end",
        _("ended a person's account"),
        _("Someone can no longer sign in; what they did stays in the log under their name."),
    ),
    ActKind(
        "role.granted",
        "role.grant",
        _("granted a role"),
        _("A person may from now on do what the role permits."),
    ),
    ActKind(
        "role.revoked",
        "role.revoke",
        _("revoked a role"),
        _("A person may no longer do what the role permitted."),
    ),
    ActKind(
        "clearance.granted",
        "clearance.grant",
        _("gave access to a compartment"),
        _("A person may from now on read the records of a compartment."),
    ),
    ActKind(
        "clearance.revoked",
        "clearance.revoke",
        _("withdrew access to a compartment"),
        _("A person may no longer read the records of a compartment."),
    ),
    ActKind(
        "compartment.created",
        "compartment.create",
        _("created a compartment"),
        _("Records can be kept apart from the rest and read only with clearance."),
    ),
    ActKind(
        "credential.added",
        "credential.add",
        _("added a way to sign in"),
        _("A passkey, code generator or recovery code of a person was added."),
    ),
    ActKind(
        "credential.removed",
        "credential.remove",
        _("removed a way to sign in"),
        _("A passkey, code generator or recovery code of a person was removed."),
    ),
)

_ITEMS = (
    ActKind(
        "item.received",
        "item.receive",
        _("received an item"),
        _("Files were stored unchanged and their digests recorded, with where they came from."),
    ),
    ActKind(
        "item.described",
        "item.describe",
        _("described an item"),
        _("What is said about an item was changed; its files were not."),
    ),
    ActKind(
        "item.examined",
        "item.examine",
        _("examined an item"),
        _("Examinations ran over an item's files and their findings were recorded."),
    ),
    ActKind(
        "item.exported",
        "item.export",
        _("exported an item"),
        _("An item left this workspace in a bundle that names its recipient and what it holds."),
    ),
    ActKind(
        "item.linked",
        "item.link",
        _("linked two items"),
        _("A relation between two items was recorded, such as a copy or a later version."),
    ),
    ActKind(
        "item.damaged",
        "item.quarantine",
        _("found an item damaged"),
        _("A stored file is missing or no longer has its recorded digest; it was set aside."),
    ),
    ActKind(
        "item.repaired",
        "item.repair",
        _("repaired an item"),
        _("A missing or damaged file was restored from a copy with the recorded digest."),
    ),
    ActKind(
        "rendition.made",
        "rendition.make",
        _("made a rendition"),
        _("A clip, transcript, translation or other rendition was made; the original stays."),
    ),
    ActKind(
        "collection.made",
        "collection.make",
        _("made a collection"),
        _("Items were gathered under a name."),
    ),
    ActKind(
        "collection.changed",
        "collection.change",
        _("changed a collection"),
        _("A collection got another name or description, or items were added to or taken from it."),
    ),
)

_STATEMENTS = (
    ActKind(
        "source.recorded",
        "source.record",
        _("recorded a source"),
        _("Who or what says something was recorded, with how reliable it has been."),
    ),
    ActKind(
        "claim.recorded",
        "claim.record",
        _("recorded a claim"),
        _("What a source says was recorded with date and citation; it is not thereby so."),
    ),
    ActKind(
        "claim.linked",
        "claim.link",
        _("linked a claim"),
        _("A claim was set for or against an incident or another record."),
    ),
    ActKind(
        "claim.graded",
        "claim.grade",
        _("graded a claim"),
        _("How credible a claim is was judged, with the reasons."),
    ),
    ActKind(
        "assessment.recorded",
        "assessment.record",
        _("recorded an assessment"),
        _("One question about an item was answered, with method, steps and confidence."),
    ),
)

_INCIDENTS = (
    ActKind(
        "incident.opened",
        "incident.open",
        _("opened an incident"),
        _("Something that is said to have happened got a record of its own."),
    ),
    ActKind(
        "incident.described",
        "incident.describe",
        _("described an incident"),
        _("Time, place, harm or means of an incident were changed."),
    ),
    ActKind(
        "incident.linked",
        "incident.link",
        _("linked an incident"),
        _("An item, person, unit or other incident was connected with an incident."),
    ),
    ActKind(
        "incident.graded",
        "incident.grade",
        _("graded an incident"),
        _("Whether it happened, or who did it, was judged, with the reasons."),
    ),
    ActKind(
        "incident.classified",
        "incident.classify",
        _("classified an incident"),
        _("An incident was set under a crime of a named version of the law; this is no verdict."),
    ),
    ActKind(
        "incident.declassified",
        "incident.declassify",
        _("withdrew a classification"),
        _("An incident is no longer set under a crime; the earlier classification stays readable."),
    ),
)

_ENTITIES = (
    ActKind(
        "person.recorded",
        "person.record",
        _("recorded a person"),
        _("Someone who matters to the evidence got a record: names, functions, citations."),
    ),
    ActKind(
        "unit.recorded",
        "unit.record",
        _("recorded a unit"),
        _("A military unit or an organisation got a record, with names and citations."),
    ),
    ActKind(
        "posting.recorded",
        "posting.record",
        _("recorded a posting"),
        _("Who held which position in which unit, and when, was recorded with its citation."),
    ),
    ActKind(
        "victim.recorded",
        "victim.record",
        _("recorded a victim"),
        _("Someone who was harmed got a record; their identity is kept under a separate key."),
    ),
)

_CASES = (
    ActKind(
        "situation.opened",
        "situation.open",
        _("opened a situation"),
        _("The frame of time and territory in which cases are examined got a record."),
    ),
    ActKind(
        "case.opened",
        "case.open",
        _("opened a case"),
        _("The examination of particular suspects began."),
    ),
    ActKind(
        "lead.named",
        "lead.name",
        _("named who leads a case"),
        _("Who leads a case sees who read what of it; whoever opened it leads it at first."),
    ),
    ActKind(
        "suspect.added",
        "suspect.add",
        _("added a suspect"),
        _("A person is examined in a case; this says nothing about guilt."),
    ),
    ActKind(
        "charge.added",
        "charge.add",
        _("added a charge"),
        _("A crime and a mode of liability are examined for a suspect."),
    ),
    ActKind(
        "cell.filled",
        "cell.fill",
        _("filled a cell of the matrix"),
        _("Evidence was set to support or undermine one element of a charge, with its place."),
    ),
    ActKind(
        "opinion.recorded",
        "opinion.record",
        _("recorded an opinion"),
        _("A named lawyer's opinion on jurisdiction or admissibility was recorded with its rule."),
    ),
    ActKind(
        "package.prepared",
        "package.prepare",
        _("prepared a disclosure package"),
        _("What one side must be shown was put together, with what was left out and why."),
    ),
)

_WORKSPACE = (
    ActKind(
        "batch.closed",
        "batch.close",
        _("closed a group of acts"),
        _("Up to 256 acts done together were counted and bound by one root."),
    ),
    ActKind(
        "schema.migrated",
        "schema.migrate",
        _("migrated the records to a new form"),
        _("A new version of the software writes records in another form; none was lost."),
    ),
    ActKind(
        "software.changed",
        "software.change",
        _("changed the software"),
        _("Another version of the software was started on this workspace."),
    ),
    ActKind(
        "clock.anomaly",
        "clock.report",
        _("found the clock wrong"),
        _("The clock of the machine jumped; times near this act deserve care."),
    ),
    ActKind(
        "clock.confirmed",
        "clock.confirm",
        _("confirmed that the clock is right"),
        _("The clock had jumped forward; a person says that the time it shows now is the time."),
    ),
    ActKind(
        "log.heartbeat",
        "log.mark",
        _("marked that the log is running"),
        _("Written at a steady rate, so that a gap in the log shows and its rhythm tells nothing."),
    ),
    ActKind(
        "access.expired",
        "access.expire",
        _("removed the details of old readings"),
        _("By rule, who read what long ago was removed; that something was read stays provable."),
    ),
    ActKind(
        "log.epoch",
        "log.restart",
        _("began a new log"),
        _("Two people closed a log that could not go on; the first leaf names what was lost."),
    ),
    ActKind(
        "log.carried",
        "log.carry",
        _("carried a record over from an earlier log"),
        _("The record as the earlier log last proved it, with its place and its hash there."),
    ),
)

ACTS: Mapping[str, ActKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *_PEOPLE,
            *_ITEMS,
            *_STATEMENTS,
            *_INCIDENTS,
            *_ENTITIES,
            *_CASES,
            *OVERSIGHT,
            *_WORKSPACE,
        )
    }
)
