"""What is given over a conversation: GPUs, their number, format, engine, model size; and with it the goal."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.intent.alternatives import alternatives, monthly_prices, of_kinds, plain, sides
from agent.intent.contradictions import LOADS
from agent.intent.deployment import Deployment, read_deployment
from agent.intent.goal import Hardware, Signals, goal_of, match_of, signals
from agent.intent.gpu_counts import GpuReading, counts, read_gpus
from agent.intent.hardware import Named
from agent.intent.message import Message
from agent.intent.prices import pricings_in, providers_in
from agent.intent.sketch import sketch

State = MutableMapping[str, Any]
SINGLE = frozenset(("gpu", "gpus", "card", "cards", "karten", "cartes"))
OF_ANY_NUMBER = frozenset(("fits", "latency", "cost", "model"))
"""Figures that are asked of a load as well as of hardware."""
UNIT, DIFFERING = "gpu_unit", "differing"
"""Bookkeeping: GPUs of one of the machines that were counted; what differs between sides of a comparison."""


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
    earlier: tuple[str, ...] = ()
    """GPUs that were wanted before."""
    first: bool = True
    """Whether the message begins a conversation."""
    lost: int = 0
    """GPUs that are gone of those that the message counts: "one of our eight A100 died"."""


def read_given(state: State, message: Message, earlier: Mapping[str, Any]) -> Given:
    """What a message says is given; its numbers are claimed. `earlier`: the state before the message."""
    said = signals(message)
    changed = changed_count(state, message) if state.get("gpu_count") else None
    gpus = read_gpus(message)
    lost = gpus.unit if gpus.total and match_of("lost_gpus", sketch(message)) else 0
    return Given(
        said,
        gpus,
        read_deployment(message),
        monthly_prices(message),
        changed,
        tuple(earlier.get("preferred_gpu_types", ())),
        not earlier,
        lost,
    )


def changed_count(state: State, message: Message) -> int | None:
    """The number of GPUs after "one of the two goes back", "one more", "and with 4?"."""
    text, unit, count = sketch(message), state.get(UNIT) or 1, state["gpu_count"]
    if (now := count_now(message, text)) is not None:
        return now
    for name, sign in (("fewer_gpus", -1), ("more_gpus", 1)):
        if (match := match_of(name, text)) is not None:
            changed = int(count + sign * step(message, text, match) * unit)
            return changed if changed > 0 else None
    if count % 2 == 0 and match_of("half_left", text):
        return int(count // 2)
    if unit > 1 and count > unit and match_of("one_machine", text):
        return int(unit)
    if state.get("goal") == "capacity" and (match := match_of("bare_gpus", text)):
        number = next((place for place in range(len(message.tokens)) if counts(message, place)), None)
        if number is not None:
            message.claimed.add(number)
            each = 1 if SINGLE & set(match[0].split()) else unit
            return int(message.tokens[number].value or 0) * int(each)
    return None


def count_now(message: Message, text: str) -> int | None:
    """The number that a follow-up arrives at: "a third card came in, so three now", "with 4 then?"."""
    if (match := match_of("count_now", text)) is None:
        return None
    begin = len(text[: match.start()].split())
    place = next(
        (at for at in range(begin, begin + len(match[0].split())) if counts(message, at)),
        None,
    )
    if place is None:
        return None
    message.claimed.add(place)
    return int(message.tokens[place].value or 0)


def step(message: Message, text: str, match: re.Match[str]) -> int:
    """By how many machines or GPUs a follow-up changes: the first number of the words that say so."""
    begin = len(text[: match.start()].split())
    words = match[0].split()
    places = [place for place in range(begin, begin + len(words)) if counts(message, place)]
    message.claimed |= set(places)
    first = next((word for word in words if word in ("#", "one", "a", "an", "another")), "one")
    return (
        int(message.tokens[places[0]].value or 1) if places and (first == "#" or words[0] == "another") else 1
    )


def take_given(
    state: State, message: Message, given: Given, gpus: Named, models: Named, stated: Mapping[str, Any]
) -> None:
    """What a message says is given wins over what was said before; the goal stands until another is said.

    `stated` holds own prices under "gpu_prices".
    """
    differing = (*earlier_side(state, given), *sides(message, given.gpus, models.wanted, given.run))
    differing = differing or of_providers(message)
    counted = (given.gpus.total or given.run.gpus) is not None and given.changed_count is None
    named = bool(gpus.wanted) and not open_number(given)
    hardware = Hardware(counted, named, named and given.first and one_is_meant(given))
    said = replace(given.said, apart=are_apart(given, message))
    goal = goal_of(said, differing, hardware, any(state.get(load) for load in LOADS))
    if joins(state, given, goal):
        differing, goal = (*state[DIFFERING], *given_sides(given)), "compare"
    if goal == "compare" and given.earlier and given.gpus.kinds:
        state["preferred_gpu_types"] = tuple(dict.fromkeys((*sides_gpus(differing), *gpus.wanted)))
    take_run(state, given.run, models, goal)
    free_models(state, message, models)
    take_count(state, given, gpus, goal)
    if goal == "compare" and len({side.get("gpu_count") for side in differing}) > 1:
        state["gpu_count"] = None
    if freed(state, message, given):
        goal = goal or "size"
    if goal is not None:
        state["goal"] = goal
        state[DIFFERING] = differing if goal == "compare" else ()
    if given.said.asked:
        state["asked"] = given.said.asked
    take_sides(state, given, stated, differing if goal == "compare" else ())


def take_sides(
    state: State, given: Given, stated: Mapping[str, Any], differing: Sequence[Mapping[str, Any]]
) -> None:
    """The sides with their prices; a cloud or a kind of price that tells sides apart is no wish for all."""
    pairs = (one.partition("=") for one in stated.get("gpu_prices", ()))
    by_name = {plain(name): float(price) for name, _, price in pairs}
    state["alternatives"] = alternatives(state.get(DIFFERING, ()), state, by_name, given.monthly)
    if given.gpus.total is not None:
        state["counts_said"] = given.gpus.doubted if state.get("goal") != "compare" else ()
    if provider := given.gpus.provider:
        state["provider"] = provider
    for name in ("provider", "pricing"):
        if any(side.get(name) for side in differing):
            state[name] = None


def are_apart(given: Given, message: Message) -> bool:
    """Whether a message names several kinds of GPU that are not one machine, nor added, nor all there."""
    one = match_of("the_one_meant", sketch(message)) is not None
    together = one or given.gpus.joined or given.said.owned or match_of("more_hardware", sketch(message))
    return len(given.gpus.kinds) > 1 and not together and not match_of("all_of_them", sketch(message))


def one_is_meant(given: Given) -> bool:
    """Whether a message names one kind of GPU, and not in the plural: "an A100", "H200, gpt-oss-120b: bearable?"."""
    kinds = given.gpus.kinds
    return len(kinds) == 1 and not kinds[0].plural


def open_number(given: Given) -> bool:
    """Whether it is left open how many GPUs there are: "can we serve that on L4s?"."""
    uncounted = all(kind.plural and not kind.gpus for kind in given.gpus.kinds)
    return bool(given.gpus.kinds) and uncounted and set(given.said.asked) <= OF_ANY_NUMBER


def earlier_side(state: State, given: Given) -> tuple[dict[str, Any], ...]:
    """What was given before as a side: "compare that with 2 H200"."""
    one = (
        len(given.gpus.kinds) == 1 and len(given.earlier) == 1 and given.gpus.kinds[0].gpu != given.earlier[0]
    )
    if not (one and given.said.compared):
        return ()
    return ({"gpu": given.earlier[0], "gpu_count": state.get("gpu_count")}, *given_sides(given))


def of_providers(message: Message) -> tuple[dict[str, Any], ...]:
    """Clouds, or kinds of price, that are held against each other."""
    if not match_of("providers_compared", sketch(message)):
        return ()
    for name, values in (("provider", providers_in(message.text)), ("pricing", pricings_in(message.text))):
        if len(values) > 1:
            return tuple({name: value} for value in values)
    return ()


def given_sides(given: Given) -> tuple[dict[str, Any], ...]:
    """The GPUs of a message as sides."""
    return tuple({"gpu": kind.gpu, "gpu_count": kind.gpus} for kind in given.gpus.kinds)


def sides_gpus(differing: Sequence[Mapping[str, Any]]) -> list[str]:
    """The GPUs of sides, each once."""
    return [side["gpu"] for side in differing if side.get("gpu")]


def joins(state: State, given: Given, goal: str | None) -> bool:
    """Whether a GPU of a later message joins a comparison of GPUs: "and B200?"."""
    compared = [side.get("gpu") for side in state.get(DIFFERING, ())]
    fresh = [kind.gpu for kind in given.gpus.kinds if kind.gpu not in compared]
    return goal is None and state.get("goal") == "compare" and bool(fresh) and None not in compared


def take_run(state: State, run: Deployment, models: Named, goal: str | None) -> None:
    """Format, engine, degree and size; several of one kind are sides of a comparison and no wish."""
    compare = goal == "compare"
    for name, values in (("precision", run.precisions), ("engine", run.engines)):
        if values and not (compare and len(values) > 1):
            state[name] = values[0]
    if run.tensor_parallel and not (compare and run.several_degrees):
        state["tensor_parallel"] = run.tensor_parallel
    if run.pipeline_parallel:
        state["pipeline_parallel"] = run.pipeline_parallel
    if models.wanted:
        state["model_parameters_b"] = None
    elif len(run.sizes_b) == 1:
        state["model_parameters_b"] = run.sizes_b[0]
        state["preferred_models"] = ()
    elif run.sizes_b:
        state["model_parameters_b"] = None


def free_models(state: State, message: Message, models: Named) -> None:
    """Any model may be taken from now on: "the model does not matter"."""
    if not models.wanted and match_of("any_models", sketch(message)):
        state.update({"preferred_models": (), "model_parameters_b": None})


def take_count(state: State, given: Given, gpus: Named, goal: str | None) -> None:
    """The number of all GPUs: as counted; 1 of "an H100" where that is there; unsaid where it is asked for."""
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
        state["gpu_count"], state[UNIT] = total - given.lost, given.gpus.unit


def freed(state: State, message: Message, given: Given) -> bool:
    """Whether any hardware may be taken from now on; then none is given any more."""
    any_of_all = match_of("any_gpus", sketch(message))
    none_left = bool(given.earlier) and not state.get("preferred_gpu_types")
    dropped = none_left and (message.tagged("drop") or message.tagged("any"))
    if not (any_of_all or dropped) or given.gpus.total is not None:
        return False
    state.update({"gpu_count": None, UNIT: None})
    if not given.gpus.kinds:
        state["preferred_gpu_types"] = ()
    return True
