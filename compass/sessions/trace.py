"""Reads recorded turns in the format of Mooncake's traces, and replays them.

Each line is a JSON object: `timestamp` (ms), `input_length`, `output_length` (tokens) and `hash_ids`, one for
each block of 512 prompt tokens; the same id stands for the same tokens up to its end (Qin et al., Mooncake,
arXiv 2407.00079). `session_id`, where there is one, joins the turns of a session.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compass.core import InvalidInput
from compass.sessions.engine import Turn

TRACE_BLOCK = 512
"""Tokens that a hash of the trace stands for."""


@dataclass(frozen=True)
class TracedTurns:
    """Turns that come at their recorded times."""

    turns: tuple[Turn, ...]

    def begin(self) -> Iterator[Turn]:
        """All of them."""
        return iter(self.turns)

    def after(self, turn: Turn) -> Turn | None:
        """Nothing: a recorded turn does not wait for the answer before it."""
        return None


def read_turns(path: Path) -> TracedTurns:
    """Return the turns of a trace; those without an answer are left out.

    Raises:
        InvalidInput: names the line and the field.
    """
    turns: list[Turn] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("--trace", f"{path.name} cannot be read ({error}).") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            turn = _turn(_object(line, number), number, len(turns))
            if turn.output_tokens:
                turns.append(turn)
    if not turns:
        raise InvalidInput("--trace", f"{path.name} holds no turn with an answer.")
    return TracedTurns(tuple(turns))


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInput("--trace", f"line {number}: not JSON ({error.msg}).") from error
    if not isinstance(row, dict):
        raise InvalidInput("--trace", f"line {number}: must hold an object.")
    return row


def _turn(row: dict[str, Any], number: int, place: int) -> Turn:
    prompt = _whole(row, "input_length", number, least=1)
    hashes = row.get("hash_ids", [])
    if not isinstance(hashes, list) or not all(isinstance(each, int) for each in hashes):
        raise InvalidInput("--trace", f"line {number}: hash_ids: must be a list of whole numbers.")
    session = row.get("session_id", place)
    return Turn(
        arrival=float(_whole(row, "timestamp", number, least=0)),
        session=hash(session),
        history=hash(session),
        prompt_tokens=prompt,
        output_tokens=_whole(row, "output_length", number, least=0),
        # The last block may be short of its tokens: only whole ones are found again.
        hashes=hashes[: prompt // TRACE_BLOCK],
    )


def _whole(row: dict[str, Any], field: str, number: int, least: int) -> int:
    value = row.get(field)
    if not isinstance(value, int | float) or value != int(value) or value < least:
        raise InvalidInput("--trace", f"line {number}: {field}: must be a whole number of {least} or more.")
    return int(value)
