"""The one exception tree: what the library and the application could not do, and what to do next.

    MunimentError
    ├── InvalidInput      what was given cannot be used as it is            exit 2
    ├── NotPermitted      this person may not do this                       exit 2
    ├── NotFound          what was named does not exist, or not for you     exit 2
    ├── Conflict          it clashes with what was already recorded         exit 2
    ├── Unavailable       something needed does not answer; try again       exit 3
    └── TamperSuspected   evidence contradicts itself: never retried        exit 1

- A message is one clear sentence that says what happened; `hint` says what to do about it.
- `code` is stable and dotted (`proof.inclusion`): programs and tests match on it, never on text.
- A failed examination is a finding, not an exception: errors are about inability.
- Mapping errors to HTTP or to an exit of the process is the doors' job, in one place each.
"""

from __future__ import annotations

from typing import ClassVar


class MunimentError(Exception):
    """Something could not be done; carries a stable code and, where there is one, a way out."""

    exit_code: ClassVar[int] = 2
    code: str
    hint: str

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint

    @property
    def message(self) -> str:
        """What happened, in one sentence."""
        return str(self)

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes: workers report errors to their parent."""
        return (_revived, (type(self), str(self), self.code, self.hint))


def _revived(kind: type[MunimentError], message: str, code: str, hint: str) -> MunimentError:
    return kind(message, code=code, hint=hint)


class InvalidInput(MunimentError):
    """What was given cannot be used as it is; nothing was changed."""


class NotPermitted(MunimentError):
    """The act is not among those this person may do."""


class NotFound(MunimentError):
    """What was named does not exist, or is not visible to this reader."""


class Conflict(MunimentError):
    """The act clashes with what was already recorded."""


class Unavailable(MunimentError):
    """Something needed did not answer or has no room; the same call may succeed later."""

    exit_code = 3


class TamperSuspected(MunimentError):
    """Evidence contradicts itself or an earlier promise: an alarm, never retried."""

    exit_code = 1
