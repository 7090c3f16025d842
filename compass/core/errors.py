"""Every error that Compass raises on purpose.

CompassError          exit code 1   something failed, and the message says what
├── InvalidInput      exit code 2   a field is wrong: names it and says what would be right
├── NotFound          exit code 3   no such model, GPU, id …: names the nearest known ones
├── Unavailable       exit code 4   a database, server or cluster does not answer
├── Conflict          exit code 1   the thing exists, is in use, or belongs to somebody else
└── NotApproved       exit code 5   a person has not said yes

The doors (CLI, MCP, chat) translate them; nothing else catches them.
"""

from collections.abc import Iterable

from pydantic import ValidationError


class CompassError(Exception):
    """A failure in a sentence: what was wrong and what to do."""

    exit_code = 1


class InvalidInput(CompassError):
    """A value that cannot be; `field` names it as the caller knows it."""

    exit_code = 2

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field


class NotFound(CompassError):
    """A name or id that is not known."""

    exit_code = 3


class Unavailable(CompassError):
    """A service that Compass needs does not answer."""

    exit_code = 4


class Conflict(CompassError):
    """The state of the world forbids it."""


class NotApproved(CompassError):
    """A change was asked for without a person's approval."""

    exit_code = 5


def invalid_input(error: ValidationError, fields: Iterable[str]) -> InvalidInput:
    """The error for a value that pydantic refused, naming its field; the caller raises it.

    `fields` are those that there are: an unknown one is told the nearest of them.
    """
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return InvalidInput(field, str(unknown("field", field, fields)))
    return InvalidInput(field, f"{first['msg']} (got {str(first['input'])[:80]!r}).")


def unknown(kind: str, name: str, known: Iterable[str], limit: int = 3) -> NotFound:
    """The error for an unknown name, naming the nearest known ones; the caller raises it."""
    # Every command imports this module, few need what finds the nearest names.
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        name, list(known), scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=40
    )
    nearest = ", ".join(match for match, _, _ in found)
    hint = f" Did you mean {nearest}?" if nearest else ""
    return NotFound(f'No {kind} called "{name}".{hint}')
