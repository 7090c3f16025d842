"""Chooses what sessions look like: as stated, else as agents or conversations usually are."""

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

from compass.catalog import UseCase
from compass.core import InvalidInput, number, parse_yaml
from compass.planning.notes import Notes
from compass.planning.wishes import Wishes
from compass.traffic import Pause, SessionShape

DATA = Path(__file__).parent / "data" / "sessions.yaml"
IN_SESSIONS = {"coding_agent"}
"""Use cases whose requests are turns of a session, each with the history of those before."""
SAYS_SESSIONS = ("concurrent_sessions", "session_turns", "turn_tokens", "turn_pause_seconds")


@functools.cache
def usual_sessions() -> dict[str, Any]:
    """Return the data file."""
    read: dict[str, Any] = parse_yaml(DATA.read_text(encoding="utf-8"))
    return read


def in_sessions(use_case: UseCase, wishes: Wishes) -> bool:
    """Whether requests are turns of sessions, of which nobody said how much the prefix cache holds."""
    if wishes.prefix_cache_hit_rate is not None:
        return False
    said = any(getattr(wishes, name) is not None for name in SAYS_SESSIONS)
    return said or use_case.name in IN_SESSIONS


def choose_session(
    use_case: UseCase, wishes: Wishes, output_tokens: int, notes: Notes
) -> SessionShape | None:
    """Return the sessions of some wishes, or prompts that begin alike; None where requests share nothing.

    A stated mean prompt is met by the first prompt, or by the number of turns.

    Raises:
        InvalidInput: sessions that cannot be; names the field.
    """
    if in_sessions(use_case, wishes):
        return _stated(_usual(use_case, wishes, output_tokens, notes), wishes)
    if wishes.shared_prompt_tokens is None or wishes.prefix_cache_hit_rate is not None:
        return None
    return _alike(use_case, wishes, output_tokens)


def _usual(use_case: UseCase, wishes: Wishes, output_tokens: int, notes: Notes) -> SessionShape:
    kind = "coding_agent" if use_case.name in IN_SESSIONS else "conversation"
    usual = usual_sessions()[kind]
    why = f"usual for {'coding agents' if kind == 'coding_agent' else 'conversations'} ({usual['source']})"
    window = wishes.context_tokens
    if window is None:
        window = int(notes.choose("context_tokens", None, usual["window_tokens"], why))
    shared = wishes.shared_prompt_tokens
    if shared is None:
        # A short window holds short instructions.
        least = min(usual["shared_tokens"], window // 4)
        shared = int(notes.choose("shared_prompt_tokens", None, least, why))
    turns = int(notes.choose("session_turns", wishes.session_turns, usual["turns"], why))
    added = int(notes.choose("turn_tokens", wishes.turn_tokens, usual["turn_tokens"], why))
    pauses = tuple(Pause(**each) for each in usual["pauses"])
    if wishes.turn_pause_seconds is not None:
        pauses = (Pause(1.0, wishes.turn_pause_seconds),)
    else:
        mean = sum(pause.share * pause.seconds for pause in pauses)
        notes.assume("turn_pause_seconds", f"{number(mean)} s on average", why)
    first = min(usual["first_tokens"], max(1, window - shared - output_tokens))
    return SessionShape(
        shared_tokens=shared,
        first_tokens=first,
        turn_tokens=added,
        output_tokens=output_tokens,
        turns=turns,
        pauses=pauses,
        window_tokens=window,
        thinking_tokens=wishes.thinking_tokens or 0,
    )


def _stated(shape: SessionShape, wishes: Wishes) -> SessionShape:
    """Return the sessions with the mean prompt that was stated."""
    prompt = wishes.prompt_tokens
    if prompt is None:
        return shape
    if prompt < shape.shared_tokens and wishes.shared_prompt_tokens is not None:
        raise _more_shared(prompt, shape.shared_tokens)
    shape = replace(shape, shared_tokens=min(shape.shared_tokens, prompt // 4))
    growth = shape.output_tokens - shape.thinking_tokens + shape.turn_tokens
    turns = shape.turns
    if wishes.session_turns is None:
        turns = max(1, min(turns, 1 + 2 * (prompt - shape.shared_tokens - 1) // max(growth, 1)))
    first = max(1, round(prompt - shape.shared_tokens - growth * (turns - 1) / 2))
    window = max(shape.window_tokens, shape.shared_tokens + first + growth * turns + shape.output_tokens)
    return replace(shape, turns=turns, first_tokens=first, window_tokens=window)


def _alike(use_case: UseCase, wishes: Wishes, output_tokens: int) -> SessionShape:
    """Return single requests whose prompts begin alike."""
    shared = wishes.shared_prompt_tokens or 0
    prompt = wishes.prompt_tokens if wishes.prompt_tokens is not None else shared + use_case.prompt_tokens
    if prompt < shared:
        raise _more_shared(prompt, shared)
    return SessionShape(
        shared_tokens=shared,
        first_tokens=max(1, prompt - shared),
        turn_tokens=0,
        output_tokens=output_tokens,
        turns=1,
        pauses=(Pause(1.0, 1.0),),
        window_tokens=max(wishes.context_tokens or 0, prompt + 1 + output_tokens),
    )


def _more_shared(prompt: int, shared: int) -> InvalidInput:
    return InvalidInput(
        "shared_prompt_tokens",
        f"{shared:,} shared tokens are more than the whole prompt of {prompt:,}. prompt_tokens is the whole "
        "prompt, the shared part with it.",
    )


def waited_for_tokens(session: SessionShape) -> int:
    """Return the tokens of a usual prompt that are not in an endless prefix cache: they make people wait."""
    return max(1, round(session.mean_prompt_tokens * (1.0 - session.best_hit_rate)))
