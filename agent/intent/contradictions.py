"""What cannot be, and what must be known first: the one question worth asking about an intent."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.intent.types import IntentQuestion
from compass.planning import Wishes
from compass.planning.wishes import Positive, Within

LOADS = (
    "user_count", "requests_per_second", "concurrent_requests", "concurrent_sessions", "tokens_per_second",
    "output_tokens_per_second", "batch_items",
)  # fmt: skip
"""The forms in which a load is stated."""
SPOKEN = {
    "user_count": "users", "requests_per_second": "requests a second", "budget_usd_per_month": "dollars a month",
    "concurrent_requests": "requests at once", "concurrent_sessions": "sessions at once", "batch_items": "items",
    "tokens_per_second": "tokens a second", "output_tokens_per_second": "output tokens a second", "prompt_tokens": "prompt tokens",
    "output_tokens": "output tokens", "context_tokens": "tokens of context", "deadline_hours": "hours", "gpu_count": "GPUs",
    "ttft_ms": "ms to the first token", "itl_ms": "ms between tokens", "e2e_ms": "ms for the whole answer",
    "model_parameters_b": "billion parameters", "thinking_tokens": "thinking tokens",
    "session_turns": "turns a session", "turn_tokens": "tokens a turn", "turn_pause_seconds": "seconds between turns",
    "shared_prompt_tokens": "shared prompt tokens", "first_answer_ms": "ms to the first token of the answer",
    "host_cache_gib": "GB of host memory for the cache", "draft_tokens": "draft tokens", "node_count": "nodes", "gpus_per_node": "GPUs a node",
}  # fmt: skip
NEGATIVE = re.compile(
    r"(?:(?<![\w\d])-|\b(?:minus|negative) )\d+(?:\.\d+)? ?(?:users|ms|requests|\$|dollars|people|seconds|tokens|gpus|rps|sessions"
    r"|documents|hours|days|minutes|nodes|cards|employees)"
)
NO_NUMBER = re.compile(
    r"\b(?:nan|infinite|infinity|inf|undefined|null) (?:\w+ )?(?:users?|requests?|people|tokens?|rps|gpus?|sessions?|items?)\b"
)
WRONG_UNIT = re.compile(
    r"\b(?:ttft|itl|tpot|latency|first token)\D{0,20}?(\d+(?:\.\d+)? ?(?:gb|gib|tb|mb|\$|€|dollars|euros?|usd|tokens|users|gpus|requests))\b"
    r"|\b(\d+(?:\.\d+)? ?(?:ms|gb|tb)) (?:users|people|requests per second|rps)\b"
)
MOST_OF_A_PERSON = 20
"""Requests in flight for each person, above which the two cannot both be meant."""
APART = 5
"""Two loads that say the same may differ by this factor."""


@dataclass(frozen=True)
class Contradiction:
    """What cannot be, as a question, and the fields that are not to be believed."""

    text: str
    fields: tuple[str, ...] = ()


def question_about(values: dict[str, Any], text: str) -> IntentQuestion | None:
    """The one question that these values and the last message ask for; rejected numbers are taken out of the values."""
    if found := contradiction(values, text):
        for name in found.fields if len(found.fields) == 1 else ():
            values[name] = None
        return IntentQuestion(kind="contradiction", text=found.text)
    if missing := asked(values):
        return IntentQuestion(kind="missing", text=missing)
    return None


def contradiction(values: dict[str, Any], text: str) -> Contradiction | None:
    """The first contradiction or impossible number."""
    return next(
        (
            found
            for check in (impossible, wrong_words, latencies, hardware, loads)
            for found in check(values, text)
        ),
        None,
    )


def impossible(values: dict[str, Any], _text: str) -> Iterator[Contradiction]:
    """Numbers that no deployment can have."""
    for name, field in Wishes.model_fields.items():
        value = values.get(name)
        limits = [limit for limit in field.metadata if isinstance(limit, Positive | Within)]
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or all(limit.problem(value) is None for limit in limits)
        ):
            continue
        if name == "prefix_cache_hit_rate":
            yield Contradiction(
                f"A prefix cache cannot hold {value:.4g} of every prompt: less than 1 can be. What share is meant?",
                (name,),
            )
            continue
        words = SPOKEN.get(name, name.replace("_", " "))
        number = f"{value:,.10g}" if value < 1e15 else f"{value:.3g}"
        yield Contradiction(f"{number} {words} cannot be planned for. How many are meant?", (name,))


def wrong_words(_values: dict[str, Any], text: str) -> Iterator[Contradiction]:
    """Negative numbers, what is no number, and units that cannot be."""
    for pattern in (NEGATIVE, NO_NUMBER):
        if found := pattern.search(text):
            yield Contradiction(f'"{found[0]}" cannot be. Which number is meant?')
    if found := WRONG_UNIT.search(text):
        yield Contradiction(f'"{found[1] or found[2]}" has a unit that does not fit. What is meant?')


def latencies(values: dict[str, Any], _text: str) -> Iterator[Contradiction]:
    """Targets that exclude each other."""
    ttft, e2e, itl = values["ttft_ms"], values["e2e_ms"], values["itl_ms"]
    answer = values["first_answer_ms"]
    if answer and ttft and answer < ttft:
        yield disagree("ttft_ms", "first_answer_ms", values)
    if answer and e2e and e2e < answer:
        yield disagree("first_answer_ms", "e2e_ms", values)
    if ttft and e2e and e2e < ttft:
        yield Contradiction(
            f"The whole answer within {e2e:g} ms, but its first token only by {ttft:g} ms: which of the two holds?",
            ("ttft_ms", "e2e_ms"),
        )
    if itl and e2e and itl > e2e:
        yield Contradiction(
            f"{itl:g} ms between tokens and {e2e:g} ms for the whole answer cannot both be meant. Which holds?",
            ("itl_ms", "e2e_ms"),
        )


def hardware(values: dict[str, Any], _text: str) -> Iterator[Contradiction]:
    """GPUs that a degree does not divide, and a GPU that is both wanted and ruled out."""
    if len(counts := values.get("counts_said") or ()) > 1:
        yield Contradiction(
            f"{' and '.join(map(str, counts))} GPUs were said. How many are there?", ("gpu_count",)
        )
    gpus, degree = values["gpu_count"], values["tensor_parallel"]
    if gpus and degree and (gpus < degree or gpus % degree):
        yield Contradiction(
            f"Tensor parallel {degree} takes {degree} GPUs for each replica, and {gpus} are there. Which of the two holds?",
            ("tensor_parallel", "gpu_count"),
        )
    stages = values["pipeline_parallel"]
    if gpus and stages and gpus % (stages * (degree or 1)) and not (degree and gpus % degree):
        whole = (
            f"Tensor parallel {degree} and pipeline parallel {stages}"
            if degree
            else f"{stages} pipeline stages"
        )
        yield Contradiction(
            f"{whole} need a multiple of {stages * (degree or 1)} GPUs, and {gpus} are there. Which of the two holds?",
            ("pipeline_parallel", "gpu_count"),
        )
    both = set(values["preferred_gpu_types"] or ()) & set(values["excluded_gpu_types"] or ())
    if both:
        yield Contradiction(f"{', '.join(sorted(both))} is both wanted and ruled out. Which holds?")


def loads(values: dict[str, Any], _text: str) -> Iterator[Contradiction]:
    """Two forms of load that disagree."""
    users, rate = values["user_count"], values["requests_per_second"]
    at_once = values["concurrent_requests"]
    total, output = values["tokens_per_second"], values["output_tokens_per_second"]
    if users and at_once and at_once > MOST_OF_A_PERSON * users:
        yield disagree("user_count", "concurrent_requests", values)
    if users and rate and rate > users:
        yield disagree("user_count", "requests_per_second", values)
    if total and output and output > total:
        yield disagree("tokens_per_second", "output_tokens_per_second", values)
    lengths = values["prompt_tokens"], values["output_tokens"]
    if rate and total and all(lengths) and not 1 / APART < rate * sum(lengths) / total < APART:
        yield disagree("requests_per_second", "tokens_per_second", values)
    if rate and output and lengths[1] and not 1 / APART < rate * lengths[1] / output < APART:
        yield disagree("requests_per_second", "output_tokens_per_second", values)
    window, prompt, shared = values["context_tokens"], values["prompt_tokens"], values["shared_prompt_tokens"]
    if prompt and shared and shared > prompt:
        yield disagree("shared_prompt_tokens", "prompt_tokens", values)
    if window and shared and shared > window:
        yield disagree("shared_prompt_tokens", "context_tokens", values)
    if window and prompt and prompt > window:
        yield disagree("prompt_tokens", "context_tokens", values)


def disagree(one: str, other: str, values: dict[str, Any]) -> Contradiction:
    """Two numbers that cannot both be meant."""
    first, second = (f"{values[name]:,.6g} {SPOKEN[name]}" for name in (one, other))
    return Contradiction(f"{first} and {second} do not go together. Which of the two holds?", (one, other))


def asked(values: dict[str, Any]) -> str | None:
    """The question without whose answer nothing can be planned."""
    if not values["on_topic"]:
        return None
    hardware = bool(values["preferred_gpu_types"] or values.get("gpu_count"))
    model = bool(values["preferred_models"] or values.get("model_parameters_b"))
    load = [name for name in LOADS if values[name]]
    goal = values.get("goal") or "size"
    if goal == "capacity":
        return asked_of_hardware(values, hardware, model, bool(load))
    if goal == "compare" or (hardware and model):
        return None
    if hardware and not load and values["use_case"] is None:
        return "Which model is to run on it, or what will people use it for?"
    return None if model or hardware else asked_of_use(values, load)


def asked_of_hardware(values: dict[str, Any], hardware: bool, model: bool, load: bool) -> str | None:
    """What is missing to say what hardware carries: the model, the GPU, or both."""
    if hardware and (model or load or values["use_case"] or "model" in (values.get("asked") or ())):
        return None
    if hardware:
        return "Which model is to run on it? What it carries depends on that first of all."
    if model:
        return (
            None
            if load or "smallest_nodes" in (values.get("asked") or ())
            else "On which GPU, and how many of them?"
        )
    return "Which model, on which GPU and how many of them?"


def asked_of_use(values: dict[str, Any], load: list[str]) -> str | None:
    """What is missing where neither a use, nor a model, nor hardware is named."""
    if not load:
        some = "How many people will use it, or how many requests come?"
        return some if values["use_case"] else "What will people use it for, and how many of them?"
    if values["use_case"]:
        return None
    lengths = values["prompt_tokens"] or values["output_tokens"] or values["context_tokens"]
    if load == ["user_count"] and not lengths:
        return "What will these people use it for? The answer depends on it more than on anything else."
    return None
