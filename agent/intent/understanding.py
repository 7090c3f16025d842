"""The intent of a conversation: each message adds to, changes or takes back what was said before."""

import functools
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from agent.intent import changes
from agent.intent.batch_jobs import read_jobs
from agent.intent.concurrency import read_concurrency
from agent.intent.context_window import read_context, read_short_window
from agent.intent.contradictions import LOADS, contradiction, question_about
from agent.intent.durations import read_durations
from agent.intent.experience import experience_of
from agent.intent.given import read_given, take_given
from agent.intent.hardware import Named, named
from agent.intent.languages import language
from agent.intent.lengths import read_lengths
from agent.intent.load_factors import read_load_factors
from agent.intent.load_of_use import as_counted, follow_load, remember_period, replace_older_loads, settle
from agent.intent.message import Message
from agent.intent.money import read_budget
from agent.intent.nodes import read_node_size, take_nodes, take_smallest
from agent.intent.people import read_people
from agent.intent.percentiles import read_percentile
from agent.intent.prices import read_prices, without_gpu_prices
from agent.intent.priorities import priorities
from agent.intent.quantities import Quantities
from agent.intent.rates import read_rates
from agent.intent.reasoning import read_reasoning
from agent.intent.text import plain
from agent.intent.token_volumes import read_token_volumes
from agent.intent.topic import about_serving, asks_for_itself
from agent.intent.types import PRIORITIES, ExperienceClassName, Intent, IntentAssumption, ModelReading
from agent.intent.unknown_names import unknown_names
from agent.intent.unread import unread
from agent.intent.use_case import LONG, SUMMARY, Reading, use_case
from agent.intent.wishes import availability, domain, experience_class
from agent.intent.workloads import read_workloads, whole_prompt
from compass.planning import Wishes

NUMBERS = tuple(field.name for field in fields(Quantities) if field.name in Wishes.model_fields)
VAGUE = {
    "use_case", "domain_specialization", "experience_class", "provider", "pricing", *PRIORITIES,
}  # fmt: skip
"""Fields that any talk may fill."""
TECHNICAL = Wishes.model_fields.keys() - VAGUE - {"user_count", "budget_usd_per_month"}
"""Fields that talk of serving alone fills."""
BOOKKEEPING = (
    "points", "long", "on_topic", "unread", "items_of_period", "load_period", "rejected", "foreign_money", "gpu_unit", "asked",
    "alternatives", "differing",
    "counts_said",
)  # fmt: skip
TELLING, HALF = 4.0, 0.5
"""Points that a later message needs to change the use case, and their share of the earlier ones."""
READERS = (
    read_load_factors, read_percentile, read_reasoning, read_budget, read_context, read_token_volumes, read_jobs,
    read_concurrency, read_rates, read_lengths, read_short_window, read_durations, read_people,
)  # fmt: skip
"""In order: each takes the numbers that it is sure of, and leaves the others to the next."""


def understand(messages: Sequence[str]) -> Intent:
    """The intent after all messages of the user, oldest first; deterministic, without a network."""
    said = spoken(tuple(messages))
    return check(ModelReading(use_case=said.get("use_case"), on_topic=said.get("on_topic", True)), messages)


def check(reading: ModelReading, messages: Sequence[str]) -> Intent:
    """The checks after the rules and after a language model: the user's words win, contradictions are asked about.

    A use case and a trade are the reading's own; of everything else that the user did not say, nothing stays.
    """
    said = spoken(tuple(messages))
    values: dict[str, Any] = {name: said.get(name) for name in Wishes.model_fields}
    values |= {name: said[name] for name in ("goal", "asked", "alternatives") if name in said}
    if "goal" not in said and (values["preferred_gpu_types"] or values["gpu_count"]):
        values["goal"] = reading.goal
    values |= {"use_case": reading.use_case, "on_topic": reading.on_topic}
    values["unknown"] = unknown_names(values)
    values["domain_specialization"] = said.get("domain_specialization") or reading.domain_specialization
    values["assumptions"] = said.get("assumptions", ())
    values["counts_said"] = said.get("counts_said", ())
    values["unread"] = said.get("unread", ())
    values["question"] = question_about(values, plain(messages[-1]) if messages else "")
    if reading.on_topic:
        values["experience_class"], assumed = experience_of(values)
        values["assumptions"] = (*values["assumptions"], *([assumed] if assumed else []))
    return Intent.model_validate(values)


@functools.lru_cache(maxsize=256)
def spoken(messages: tuple[str, ...]) -> dict[str, Any]:
    """What the words themselves say, over the whole conversation; not to be changed by callers."""
    if not messages:
        return {}
    before = language(messages[0].casefold()) if len(messages) > 1 else None
    latest = messages[-1]
    message = Message.of(plain(without_gpu_prices(latest), before), before)
    earlier = remembered(messages[:-1])
    if earlier and (begin := changes.restarts(message)) is not None:
        earlier, message = {}, without_beginning(message, begin)
    state = after(earlier, message, read_prices(latest))
    replaced = {name for kind in ("gpu", "model") for name in named(message, kind).replaced}
    left = unread(message, latest, named_in(state) | replaced, state) if state["on_topic"] else ()
    return state | {"unread": left}


@functools.lru_cache(maxsize=256)
def remembered(messages: tuple[str, ...]) -> dict[str, Any]:
    """What stays of a conversation for its next message: without the values that were rejected."""
    if not messages:
        return {}
    state = spoken(messages)
    values = {name: state.get(name) for name in Wishes.model_fields}
    rejected = contradiction(values, plain(messages[-1]))
    if rejected is None:
        return state
    before = remembered(messages[:-1])
    fields = {name: before.get(name) for name in rejected.fields}
    return state | fields | ({"rejected": rejected.fields[0]} if len(rejected.fields) == 1 else {})


def without_beginning(message: Message, begin: int) -> Message:
    """The message from a place on: what stands before "start over" is of no account; names keep it whole."""
    rest = message.tokens[begin:]
    return (
        message if any(token.name for token in rest) else Message.of(" ".join(token.text for token in rest))
    )


def named_in(state: dict[str, Any]) -> set[str]:
    """Names of GPUs and models that stand in some field."""
    fields = ("preferred_gpu_types", "excluded_gpu_types", "preferred_models", "unknown")
    return {name for field in fields for name in state.get(field, ())}


def after(earlier: dict[str, Any], message: Message, prices: dict[str, Any]) -> dict[str, Any]:
    """The state after one more message."""
    state = dict(earlier)
    before = said_of(state)
    took_back = bool(before) and changes.take_back(state, message)
    scaled = scale(state, message) if before else False
    numbers = Quantities()
    read_workloads(message, numbers)
    node_size = read_node_size(message)
    given = read_given(state, message, earlier)
    for read in READERS:
        read(message, numbers)
    whole_prompt(numbers)
    follow(state, message, numbers)
    reading = use_case(message, numbers.prompt_tokens)
    take_case(state, message, reading)
    said_class = class_of(state, message, numbers)
    take_loads(state, message, numbers, said_class)
    take_numbers(state, message, numbers)
    also = bool(message.tagged("also"))
    asks_why = bool(before and message.tagged("why"))
    gpus, models = named(message, "gpu"), named(message, "model")
    if took_back:
        gpus, models = Named(wanted=changes.taken_instead(message)), Named()
    if (not took_back or gpus.wanted) and not asks_why:
        take_gpus(state, gpus, also, bool(message.tagged("allowed")))
        take_models(state, models, also)
    if not asks_why:
        count = state.get("gpu_count")
        take_given(state, message, given, gpus, models, prices)
        take_nodes(state, message, given.gpus, node_size, count)
        take_smallest(state, message, bool(given.gpus.kinds or state.get("preferred_gpu_types")))
    for dimension, level in priorities(message).items() if not asks_why else ():
        state[f"{dimension}_priority"] = level
    for name, value in (
        ("experience_class", said_class),
        ("domain_specialization", domain(message)),
        ("availability", availability(message)),
    ):
        if value is not None and not (took_back and name == "availability"):
            state[name] = value
    sides = state.get("alternatives", ())
    own = {name for name in ("provider", "pricing") if len({getattr(side, name) for side in sides}) > 1}
    state |= {name: None if name in own else value for name, value in prices.items()}
    now = said_of(state)
    said_something = took_back or scaled or (now != before and (bool(before) or bool(now.keys() - VAGUE)))
    on_topic = about_serving(message, reading, said_something, bool(now.keys() & TECHNICAL), bool(before))
    on_topic = on_topic and not (given.said.training and reading.case is None and numbers.user_count is None)
    itself = not before and now.keys() & (TECHNICAL | {"user_count"}) in (
        {"output_tokens"},
        {"prompt_tokens"},
    )
    on_topic = on_topic and not (itself and asks_for_itself(message))
    unused = reading.case is None and numbers.user_count is None and not before
    on_topic = on_topic and not (given.said.elsewhere and given.gpus.kinds and unused)
    return (state if on_topic else dict(earlier)) | {"on_topic": on_topic}


def class_of(state: dict[str, Any], message: Message, numbers: Quantities) -> ExperienceClassName | None:
    """The experience class that a message says; where latency does not matter and no people are told of, a batch."""
    people = numbers.user_count or state.get("user_count")
    worked_off = (
        numbers.items or numbers.token_volume or numbers.tokens_per_second or numbers.output_tokens_per_second
    )
    patient = message.tagged("no_latency") or (worked_off and priorities(message).get("latency") == "low")
    return experience_class(message) or ("batch" if patient and not people else None)


def take_loads(
    state: dict[str, Any], message: Message, numbers: Quantities, said_class: ExperienceClassName | None
) -> None:
    """What the use tells of a load, and what a load takes the place of."""
    settle(message, numbers, state, said_class or state.get("experience_class"))
    remember_period(state, numbers)
    replace_older_loads(state, numbers)


def said_of(state: dict[str, Any]) -> dict[str, Any]:
    """What a state says, without empty fields and bookkeeping."""
    return {
        key: value for key, value in state.items() if value not in (None, (), "") and key not in BOOKKEEPING
    }


def scale(state: dict[str, Any], message: Message) -> bool:
    """Multiply what was said before; whether anything was."""
    factors = changes.factors(message)
    if "ttft_ms" in factors and not state.get("ttft_ms"):
        factors = {stated[0]: factors["ttft_ms"]} if (stated := targets(state)) else {}
    done = False
    if "user_count" in factors and factors["user_count"] < 1 and message.tagged("at_once"):
        state["active_share"] = factors["user_count"]
        return True
    counted = next((name for name in LOADS if state.get(name)), "user_count")
    if "user_count" in factors and not state.get("user_count"):
        factors = {counted: factors["user_count"]}
    for name, factor in factors.items():
        if state.get(name):
            value = state[name] * factor
            state[name] = round(value) if isinstance(state[name], int) else value
            done = True
    return done


def targets(state: dict[str, Any]) -> list[str]:
    """The latency targets that were said."""
    return [name for name in ("ttft_ms", "itl_ms", "e2e_ms") if state.get(name)]


def follow(state: dict[str, Any], message: Message, numbers: Quantities) -> None:
    """What bare numbers of a later message mean after what was said: "and with 200 ms?", "make it 2,000", "300 more users"."""
    stated = targets(state)
    if numbers.plain_ms is not None and len(stated) == 1:
        numbers.ttft_ms = numbers.e2e_ms = None
        setattr(numbers, stated[0], numbers.plain_ms)
    if len(stated) == 1 and (value := changes.lowered(message)) is not None:
        numbers.keep(stated[0], value)
    if state.get("user_count") and numbers.user_count and changes.added_people(message):
        numbers.user_count += state["user_count"]
    if state.get("foreign_money") and numbers.bare_budget is not None:
        message.leave(numbers.bare_budget)
        numbers.budget_usd_per_month = None
    if numbers.foreign_money:
        state["foreign_money"] = True
    if state.get("context_tokens") and (window := changes.bare_window(message)) is not None:
        numbers.keep("context_tokens", window)
    follow_load(state, message, numbers)
    counted = next((name for name in LOADS if state.get(name)), state.pop("rejected", None))
    if counted is None and state.get("use_case") and state.get("goal") != "capacity":
        counted = "user_count"
    if counted and (value := changes.bare_number(message)) is not None:
        numbers.keep(counted, as_counted(state, counted, value))


def take_numbers(state: dict[str, Any], message: Message, numbers: Quantities) -> None:
    """What the numbers say wins over what was said before."""
    for name in NUMBERS:
        if (value := getattr(numbers, name)) is not None:
            state[name] = value
    state["no_targets"] = tuple(
        name for name in state.get("no_targets", ()) if getattr(numbers, f"{name}_ms") is None
    )
    fresh = {name for name in NUMBERS if getattr(numbers, name) is not None}
    assumed = {entry.field: entry for entry in state.get("assumptions", ()) if entry.field not in fresh}
    assumed |= {
        name: IntentAssumption(field=name, value=value, why=why) for name, value, why in numbers.notes
    }
    if assumed:
        state["assumptions"] = tuple(assumed.values())


def take_gpus(state: dict[str, Any], gpus: Named, also: bool, allowed: bool) -> None:
    """A wanted GPU replaces the earlier wish, or joins it; an unwanted one leaves the wishes; an allowed one is no wish."""
    earlier = tuple(state.get("preferred_gpu_types", ()))
    lifted = allowed and bool(set(gpus.wanted) & set(state.get("excluded_gpu_types", ())))
    wanted = earlier if lifted else joined(earlier, gpus, also)
    unwanted = tuple(name for name in state.get("excluded_gpu_types", ()) if name not in gpus.wanted)
    state["excluded_gpu_types"] = tuple(dict.fromkeys((*unwanted, *gpus.unwanted)))
    state["preferred_gpu_types"] = wanted


def take_models(state: dict[str, Any], models: Named, also: bool) -> None:
    """A wanted model replaces the earlier wish, or joins it."""
    state["preferred_models"] = joined(tuple(state.get("preferred_models", ())), models, also)


def joined(earlier: tuple[str, ...], names: Named, also: bool) -> tuple[str, ...]:
    """The wishes with those of a later message."""
    wanted = earlier if also or not names.wanted else ()
    return tuple(
        name
        for name in dict.fromkeys((*wanted, *names.wanted))
        if name in names.wanted or (name not in names.unwanted and name not in names.replaced)
    )


def take_case(state: dict[str, Any], message: Message, reading: Reading) -> None:
    """The use case of the first telling message stays, unless a later one tells of another as clearly."""
    earlier = state.get("use_case")
    state["long"] = state.get("long", False) or reading.long
    clear = reading.points >= TELLING and (
        bool(message.tagged("change")) or reading.points >= HALF * state.get("points", 0.0)
    )
    same = {earlier, reading.case} == {SUMMARY, LONG}
    if reading.case is not None and (earlier is None or (clear and not same)):
        state["use_case"], state["points"] = reading.case, reading.points
    if state.get("use_case") == SUMMARY and state["long"]:
        state["use_case"] = LONG
