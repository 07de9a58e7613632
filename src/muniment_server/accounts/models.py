"""People who work here: who they are (recorded), and how they log in (local).

- A person's agent id is all the log shows of them; roles and their end are acts.
- Credentials, sessions, codes and tokens are local: a rebuilt workspace asks for new ones.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from muniment_server.custody.models import Agent, Keeping, Recorded


class Role(models.TextChoices):
    """What a person is here to do; `policies` says what each may do."""

    ADMINISTRATOR = "administrator", _("administrator")
    INVESTIGATOR = "investigator", _("investigator")
    ANALYST = "analyst", _("analyst")
    LAWYER = "lawyer", _("lawyer")
    READER = "reader", _("reader")
    AUDITOR = "auditor", _("auditor")


class Person(Recorded):
    """A person who works here; their name is their agent's."""

    agent = models.OneToOneField(Agent, on_delete=models.PROTECT, related_name="person")
    handle = models.SlugField(_("log-in name"), max_length=40, unique=True)
    seq = models.BigIntegerField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        """Show the log-in name."""
        return self.handle


class RoleGrant(Recorded):
    """One role of one person, until it ends."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=models.Q(ended__isnull=True),
                name="one_grant_of_each_role",
            )
        ]
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")


class UserManager(BaseUserManager["User"]):
    """Finds users by their log-in name; makes none but for a recorded person."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this log-in name."""
        return self.get(username=username)


class User(AbstractBaseUser):
    """The log-in of a person: a password hash and what the session needs."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="user")
    username = models.CharField(_("log-in name"), max_length=40, unique=True)
    #: allauth asks for one; nothing is ever sent to it
    email = models.EmailField(_("e-mail"), blank=True, default="")
    is_active = models.BooleanField(default=True)

    objects = UserManager()

    class Meta:
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")

    def __str__(self) -> str:
        """Show the log-in name."""
        return self.username


class Enrolment(models.Model):
    """A one-time code that lets a person set their first credentials; only its digest is kept."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="enrolments")
    digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class Token(models.Model):
    """An access token for the API and the command line, scoped like its person."""

    keeping: ClassVar[Keeping] = Keeping.LOCAL

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    title = models.CharField(_("what it is for"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField()
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
