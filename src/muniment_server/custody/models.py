"""The tables of the custody log, and the three classes every table of the application is one of.

- *recorded*: written by acts, rebuilt from the archive row for row; never deleted.
- *derived*: computed from recorded rows and made again at any time.
- *local*: not in the archive (credentials, sessions, jobs, drafts).
- The log's own tables are kept append-only by triggers (migration 0002), not by good manners.
"""

from __future__ import annotations

import enum
import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.database.closed import DisclosuresField
from muniment_server.database.closed_rows import open_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from muniment.evidence.canonical import Json

    Upcaster = Callable[[Mapping[str, Json]], Mapping[str, Json]]


class Keeping(enum.Enum):
    """Where a table's rows come back from after a loss."""

    RECORDED = "recorded"
    DERIVED = "derived"
    LOCAL = "local"


class Recorded(models.Model):
    """A row that an act writes and `rebuild` makes again, equal."""

    keeping: ClassVar[Keeping] = Keeping.RECORDED
    schema: ClassVar[int] = 1
    #: one pure function for each step from a schema version to the next (custody-log §3)
    upcasters: ClassVar[tuple[Upcaster, ...]] = ()
    #: field name -> disclosure group (`source`, `handling`, `identity`); the rest is `public`
    groups: ClassVar[Mapping[str, str]] = {}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ended = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    #: the words of a closed row, sealed; no part of its state
    closed_text = models.BinaryField(null=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *read: Any, **how: Any) -> Self:  # noqa: ANN401 - as Django asks itself
        """Open the words of a closed row that was read."""
        row = super().from_db(*read, **how)
        open_row(row)
        return row


class Compartment(Recorded):
    """A circle of readers; every record lies in exactly one (custody-log §6)."""

    name = models.SlugField(_("name"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=200)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    seq = models.BigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("compartment")
        verbose_name_plural = _("compartments")

    def __str__(self) -> str:
        """Show the title."""
        return self.title


class Root(Recorded):
    """An aggregate root: what acts are about, and what a compartment holds.

    `seq` is the log index of the subject's first leaf (order, and row id of search); it is null
    only inside the transaction that writes that leaf.
    """

    prefix: ClassVar[str] = ""
    digits: ClassVar[int] = 5

    seq = models.BigIntegerField(null=True, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=24, unique=True, editable=False)
    compartment = models.ForeignKey(
        Compartment, on_delete=models.PROTECT, related_name="+", verbose_name=_("compartment")
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Show the number, which says nothing about the content."""
        return self.number


class Relation(Recorded):
    """A relation between roots: a subject of its own that names its ends (custody-log §2).

    It has no compartment: it is visible to whoever may know every end.
    """

    ends: ClassVar[tuple[str, ...]] = ()

    seq = models.BigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        abstract = True


class AgentKind(models.TextChoices):
    """Who can act."""

    PERSON = "person", _("person")
    PROGRAM = "program", _("program")


class Agent(Recorded):
    """A person or program that acts; the log names it by its random id only."""

    groups: ClassVar[Mapping[str, str]] = {"name": "identity"}

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=AgentKind)
    seq = models.BigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class Clearance(Recorded):
    """An agent's need to know: one compartment it may read and write in."""

    groups: ClassVar[Mapping[str, str]] = {"agent": "handling", "compartment": "handling"}

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="clearances")
    compartment = models.ForeignKey(
        Compartment, on_delete=models.PROTECT, related_name="clearances"
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["agent", "compartment"],
                condition=models.Q(ended__isnull=True),
                name="one_clearance_each",
            )
        ]
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")


class Batch(Recorded):
    """Many acts of one kind, asked for at once; a subject of its own (custody-log §2)."""

    kind = models.CharField(max_length=64)
    began = models.DateTimeField()
    seq = models.BigIntegerField(null=True, unique=True, editable=False)


class Leaf(models.Model):
    """One entry of the log, with its disclosures; appended, never changed."""

    keeping: ClassVar[Keeping] = Keeping.RECORDED

    index = models.BigIntegerField(primary_key=True)
    eid = models.UUIDField(unique=True)
    obj = models.UUIDField()
    n = models.IntegerField()
    kind = models.CharField(max_length=64)
    by = models.UUIDField()
    t = models.DateTimeField()
    hash = models.BinaryField(max_length=32)
    data = models.BinaryField(max_length=4096)
    #: the disclosures, one a line, parents before children; sealed where the act is closed
    disclosures = DisclosuresField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["obj", "n"], name="one_leaf_per_step")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["by", "index"], name="leaf_by_agent"),
        ]


class LogHead(models.Model):
    """A log's frontier after its last leaf; one row per log."""

    keeping: ClassVar[Keeping] = Keeping.RECORDED

    log = models.CharField(primary_key=True, max_length=16)
    origin = models.CharField(max_length=255)
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    t = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Head(LogHead):
    """The head of the custody log, in the database of its leaves."""


class AccessHead(LogHead):
    """The head of the access log, in the database of its leaves."""


class Counter(models.Model):
    """The last number given in each series; made again from the numbers themselves."""

    keeping: ClassVar[Keeping] = Keeping.DERIVED

    series = models.CharField(primary_key=True, max_length=16)
    last = models.BigIntegerField(default=0)


class Access(models.Model):
    """One reading, a leaf of the access log: who saw, searched, took or was refused what.

    - Kept in its own database; rebuilt from its own folder of the archive.
    - An entry whose time is over keeps its place and its leaf, and nothing that says who or what:
      `at` is null then, and an `Expiry` names its index.
    """

    keeping: ClassVar[Keeping] = Keeping.RECORDED

    class Kind(models.TextChoices):
        """What was done."""

        VIEWED = "viewed", _("viewed")
        LISTED = "listed", _("listed")
        SEARCHED = "searched", _("searched")
        DOWNLOADED = "downloaded", _("downloaded")
        UNCOVERED = "uncovered", _("uncovered a picture that may be graphic")
        DENIED = "denied", _("denied")
        LOGGED_IN = "logged_in", _("logged in")
        LOGIN_REFUSED = "login_refused", _("could not log in")
        FLAGGED = "flagged", _("noticed unusually much reading by")

    index = models.BigIntegerField(primary_key=True)
    eid = models.UUIDField(unique=True)
    at = models.DateTimeField(null=True)
    by = models.UUIDField(null=True)
    via = models.CharField(max_length=8, blank=True)
    #: a digest that tells two sessions apart and opens neither
    session = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=16, choices=Kind, blank=True)
    model = models.CharField(max_length=64, blank=True)
    obj = models.UUIDField(null=True)
    detail = models.TextField(blank=True)
    #: whose chain the entry continues, and where in it: what was looked at, else who looked
    subject = models.UUIDField(null=True)
    n = models.IntegerField(null=True)
    hash = models.BinaryField(max_length=32)
    data = models.BinaryField(max_length=4096)
    #: the disclosures, one a line; empty once the time of the entry is over
    disclosures = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject", "n"], name="one_access_per_step")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["obj", "at"], name="access_by_subject"),
            models.Index(fields=["by", "at"], name="access_by_reader"),
            models.Index(fields=["at"], name="access_by_time"),
        ]
        verbose_name = _("access")
        verbose_name_plural = _("accesses")


class Expiry(Recorded):
    """Which entries of the access log lost their details by rule: ranges, both ends included."""

    groups: ClassVar[Mapping[str, str]] = {"ranges": "handling"}

    #: the rule: entries older than this many days
    days = models.IntegerField()
    before = models.DateTimeField()
    #: lists of first and last index
    ranges = models.JSONField()
    count = models.IntegerField()
    seq = models.BigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("expiry of readings")
        verbose_name_plural = _("expiries of readings")


class Job(models.Model):
    """Work asked of a worker about one subject; the row goes when the work is done.

    - Keyed on task and subject: asked for twice while it waits, it is done once.
    - `entry` names the queue's entry that carries it and fences off whoever held it before.
    - A lease that ran out means that its worker died: the reaper queues the job again.
    """

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    class State(models.TextChoices):
        """Where a job stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        FAILED = "failed", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=200)
    subject = models.UUIDField()
    #: the agent who asked; null where a worker found the work by itself
    by = models.UUIDField(null=True)
    asked = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    entry = models.UUIDField(null=True, db_index=True)
    worker = models.CharField(max_length=64, blank=True, default="")
    lease = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["task", "subject"], name="one_job_each")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "lease"], name="job_by_lease"),
        ]


class Mark(models.Model):
    """How far in log order a task's subjects were noticed by a worker."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    task = models.CharField(primary_key=True, max_length=200)
    seq = models.BigIntegerField(default=-1)


class Clock(models.Model):
    """What both clocks of a machine last showed together, for each time it was started."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    #: the kernel's random name for this start of this machine
    boot = models.CharField(primary_key=True, max_length=64)
    wall = models.DateTimeField()
    #: microseconds since the machine started, sleep included
    up = models.BigIntegerField()
    #: the log was found ahead of this clock, and that was told
    behind = models.BooleanField(default=False)


class Receipt(models.Model):
    """What a request that bore a key was answered, so that sent again it is answered alike.

    - The row of a request of one transaction is written in it: there is no act without its receipt.
    - The key itself is not kept, and opens the answer: who reads this table reads no answer.
    """

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    by = models.UUIDField()
    #: SHA-256 of the key, in hexadecimal
    key = models.CharField(max_length=64)
    #: SHA-256 of what was asked, in hexadecimal
    digest = models.CharField(max_length=64)
    begun = models.DateTimeField(db_index=True)
    #: how many acts the log held when the key was first used
    start = models.BigIntegerField()
    answer = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["by", "key"], name="one_receipt_for_a_key")
        ]


class Stamp(models.Model):
    """A time token that was kept with a head, so that one which goes away is missed."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    path = models.CharField(primary_key=True, max_length=100)
    digest = models.CharField(max_length=64)
