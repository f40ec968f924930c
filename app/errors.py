"""What can go wrong, in words a village worker can act on: is the data safe, what happened, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field; ``field`` is empty when it concerns the whole record.

    ``warning`` problems can be confirmed by the user; the others must be mended before finishing.
    """

    field: str
    message: str
    warning: bool = False


class ShouwangError(Exception):
    """Anything the program says on purpose. ``str(error)`` is a Chinese sentence that can be shown as it is."""

    code = ""

    def __init__(self, message: str, *, advice: str = "", code: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.code = code or self.code
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return self.message + self.advice


class UserError(ShouwangError):
    """What was typed, chosen or handed in cannot be done; nothing was changed."""


class EnvironmentFault(ShouwangError):
    """The computer, the disk or the line prevents it; the recorded data is untouched."""


class NotAllowed(UserError):
    """The person's post does not permit this."""

    code = "A1"


class Unfinished(UserError):
    """A record was to be finished, and these problems are still open."""

    code = "R1"


class UnknownType(UserError):
    """No record type has this name."""

    code = "R2"


class UnknownField(UserError):
    """The record type has no such field."""

    code = "R3"


class NotFound(UserError):
    """No record has this id, or it has been deleted."""

    code = "R4"


class BadValue(UserError):
    """A value cannot be read as what its field holds."""

    code = "R5"


class WrongPassphrase(UserError):
    """No key of the workspace opens with this passphrase or recovery code."""

    code = "K1"


class TooManyTries(UserError):
    """Too many wrong passphrases in a row: wait before the next."""

    code = "K2"


class WeakPassphrase(UserError):
    """The new passphrase is too short or too common."""

    code = "K3"


class WorkspaceMissing(UserError):
    """There is no workspace in this folder."""

    code = "W1"


class WorkspaceExists(UserError):
    """The folder already holds a workspace."""

    code = "W2"


class WorkspaceInUse(EnvironmentFault):
    """Another window or command works on this workspace now."""

    code = "W3"


class StoreTooNew(EnvironmentFault):
    """The workspace was written by a newer version of the program."""

    code = "W4"


class StoreDamaged(EnvironmentFault):
    """The file of the workspace does not read back as it was written."""

    code = "W5"


class FolderNotWritable(EnvironmentFault):
    """The folder is read-only, locked, or not ours."""

    code = "W6"


class DiskFull(EnvironmentFault):
    """There is no room left on the disk."""

    code = "W7"


class FolderUnsafe(UserError):
    """The folder is synchronised by a cloud drive or lies on a network share; a store there would be damaged."""

    code = "W8"


class CountyUnreachable(EnvironmentFault):
    """The county server does not answer, or not now; the worker loses nothing by it.

    ``retry_after``: the seconds after which it asks to be called again; 0 when it said nothing of that.
    """

    code = "C1"

    def __init__(self, message: str, *, advice: str = "", code: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, advice=advice, code=code)
        self.retry_after = retry_after


class CountyRefused(UserError):
    """The county answered, and said no: a used code, a revoked device, a foreign village."""

    code = "C2"


class Cancelled(ShouwangError):
    """The user stopped it; nothing was left half done."""

    code = "X1"
