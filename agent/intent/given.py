"""What is given over a conversation: GPUs and their number, format, engine, size of the model; and with it the goal."""

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from agent.intent.alternatives import alternatives, monthly_prices, of_kinds, plain, sides
from agent.intent.data import load
from agent.intent.deployment import Deployment, read_deployment
from agent.intent.goal import Signals, goal_of, signals, sketch
from agent.intent.gpu_counts import GpuReading, counts, read_gpus
from agent.intent.hardware import Named
from agent.intent.message import Message

State = MutableMapping[str, Any]
UNIT = "gpu_unit"
"""Bookkeeping: the GPUs of one of the machines that were counted."""


@dataclass(frozen=True)
class Given:
    """What one message says is given."""

    said: Signals
    gpus: GpuReading
    run: Deployment
    monthly: Mapping[str, float]
    """US dollars a month by GPU, where a message states them."""
    changed_count: int | None = None
    """GPUs after a follow-up that adds some, takes some away or counts them anew."""


def read_given(state: State, message: Message) -> Given:
    """What a message says is given; the numbers that it takes are claimed."""
    said = signals(message)
    changed = changed_count(state, message) if state.get("gpu_count") else None
    return Given(said, read_gpus(message), read_deployment(message), monthly_prices(message), changed)


def changed_count(state: State, message: Message) -> int | None:
    """The number of GPUs after "one of the two goes back", "one more", "and with 4?"."""
    text, unit, count = sketch(message), state.get(UNIT) or 1, state["gpu_count"]
    for name, sign in (("fewer_gpus", -1), ("more_gpus", 1)):
        if (match := re.search(load("goals")[name], text)) is not None:
            at = len(text[: match.start()].split()) if match.start() else 0
            number = next((place for place in range(at, at + 4) if counts(message, place)), None)
            step = int(message.tokens[number].value or 1) if number is not None and not (match["n"] or "#").startswith("one") else 1
            message.claimed |= {place for place in range(at, at + len(match[0].split())) if counts(message, place)}
            changed = count + sign * step * unit
            return changed if changed > 0 else None
    if state.get("goal") == "capacity" and re.search(load("goals")["bare_gpus"], text):
        number = next((place for place in range(len(message.tokens)) if counts(message, place)), None)
        if number is not None:
            message.claimed.add(number)
            return int(message.tokens[number].value or 0) * unit
    return None


def take_given(
    state: State, message: Message, given: Given, gpus: Named, models: Named, stated: Mapping[str, Any]
) -> None:
    """What a message says is given wins over what was said before; the goal stands until another is said.

    `stated` holds own prices under "gpu_prices".
    """
    differing = sides(message, given.gpus, models.wanted, given.run)
    goal = goal_of(
        given.said, len(differing), given.gpus.total is not None and given.changed_count is None, bool(gpus.wanted)
    )
    take_run(state, given.run, models, goal)
    take_count(state, given, gpus, goal)
    if freed(state, message, given):
        goal = goal or "size"
    if goal is not None:
        state["goal"] = goal
    if given.said.asked:
        state["asked"] = given.said.asked
    if goal == "compare":
        pairs = (one.partition("=") for one in stated.get("gpu_prices", ()))
        by_name = {plain(name): float(price) for name, _, price in pairs}
        state["alternatives"] = alternatives(differing, state, by_name, given.monthly)
    elif goal is not None:
        state["alternatives"] = ()
    if provider := given.gpus.provider:
        state["provider"] = provider


def take_run(state: State, run: Deployment, models: Named, goal: str | None) -> None:
    """Format, engine, degree and size; several of one kind are sides of a comparison and no wish."""
    compare = goal == "compare"
    for name, values in (("precision", run.precisions), ("engine", run.engines)):
        if values and not (compare and len(values) > 1):
            state[name] = values[0]
    if run.tensor_parallel and not (compare and run.several_degrees):
        state["tensor_parallel"] = run.tensor_parallel
    if models.wanted:
        state["model_parameters_b"] = None
    elif len(run.sizes_b) == 1:
        state["model_parameters_b"] = run.sizes_b[0]
        state["preferred_models"] = ()
    elif run.sizes_b:
        state["model_parameters_b"] = None


def take_count(state: State, given: Given, gpus: Named, goal: str | None) -> None:
    """The number of all GPUs: as counted; 1 of "an H100" where that one is there; unsaid where the number is asked for."""
    kinds = [kind for kind in given.gpus.kinds if kind.gpu in gpus.wanted]
    total = of_kinds(kinds) if goal == "compare" and len(kinds) > 1 else given.gpus.total
    if given.changed_count is not None:
        state["gpu_count"] = given.changed_count
        return
    if given.said.hardware and goal == "size":
        total, state["gpu_count"] = None, None
    elif total is None and goal == "capacity":
        one = len(kinds) == 1 and (kinds[0].determined or given.said.owned) and not given.gpus.nodes
        total = given.run.gpus or (1 if one and not kinds[0].plural and not state.get("gpu_count") else None)
        total = total or (len(kinds) if len(kinds) > 1 and given.gpus.joined else None)
    if total is not None:
        state["gpu_count"], state[UNIT] = total, given.gpus.unit


def freed(state: State, message: Message, given: Given) -> bool:
    """Whether any hardware may be taken from now on; then none is given any more."""
    any_of_all = re.search(load("goals")["any_gpus"], sketch(message))
    none_left = given.gpus.total is None and not state.get("preferred_gpu_types") and message.tagged("target.gpu")
    dropped = none_left and (message.tagged("drop") or message.tagged("any"))
    if not (any_of_all or dropped) or given.gpus.total is not None:
        return False
    state |= {"gpu_count": None, UNIT: None}
    if not given.gpus.kinds:
        state["preferred_gpu_types"] = ()
    return True
