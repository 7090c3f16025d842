"""The intent of a conversation: each message adds to, changes or takes back what was said before."""

import re
from collections.abc import Sequence
from typing import Any

from agent.intent.hardware import Named, named_gpus, named_models
from agent.intent.quantities import Quantities, quantities
from agent.intent.reading import read, words
from agent.intent.wishes import availability, contains, domain, experience_class, priorities, use_case
from agent.types import Intent, IntentAssumption

DROP = (
    r"(?:drop|remove|forget(?: about)?|ignore|lift|cancel|clear|scrap|delete|no more|without|lose|skip|never ?mind|vergiss|ohne|streiche?|entferne?|oublie[rz]?|"
    r"enleve[rz]?|supprime[rz]?|olvida|quita|elimina|dimentica|togli|rimuovi|esqueca|esquece|remova|tire)"
)
DROPPED = {
    "gpu": (r"gpu|hardware|card|grafikkarte|grafica", ("preferred_gpu_types", "excluded_gpu_types")),
    "model": (r"model\w*|modell\w*|modele", ("preferred_models",)),
    "budget": (
        r"budget|cost limit|price limit|spending (?:cap|limit)|presupuesto|orcamento|kostengrenze",
        ("budget_usd_per_month",),
    ),
    "latency": (
        r"latency|ttft|latenz|latence|latencia|response time|slo|targets?",
        ("ttft_ms", "itl_ms", "e2e_ms"),
    ),
    "availability": (
        r"redundan\w*|availability|n ?\+ ?1|failover|spare|verfugbarkeit|disponib\w*",
        ("availability",),
    ),
    "rate": (r"rate|rps|qps|requests per second", ("requests_per_second",)),
    "percentile": (r"percentile|p9\d|perzentil", ("percentile",)),
}
EMPTY: dict[str, Any] = {"preferred_gpu_types": (), "excluded_gpu_types": (), "preferred_models": ()}
RESTART = r"\bstart over\b|\bfrom scratch\b|\bnew request\b|\bstart again\b|\breset everything\b|\bvon vorne\b|\brecommenc|\bempez\w+ de nuevo|\bricominci|\brecomec"
ALSO = r"\balso\b|\bas well\b|\btoo\b|\bor also\b|\badditionally\b|\bauch\b|\baussi\b|\btambien\b|\banche\b|\btambem\b|\badd\b|\bin addition\b"
LEAST_TELLING = 3


def understand(messages: Sequence[str]) -> Intent:
    """The intent after all messages of the user, oldest first; deterministic, without a network."""
    state: dict[str, Any] = {}
    on_topic = True
    for message in messages:
        plain = read(message)
        if re.search(RESTART, plain):
            state = {}
        changed = apply(state, plain)
        on_topic = changed or telling(plain, bool(filled(state)))
    state.pop("_points", None)
    return check(Intent(**state, on_topic=on_topic), messages)


def apply(state: dict[str, Any], text: str) -> bool:
    """Change the state by one plain message; whether it said anything that counts."""
    before = dict(state)
    rest = drop(state, text)
    numbers = quantities(rest)
    take_numbers(state, numbers)
    gpus, models = named_gpus(rest), named_models(rest)
    take_gpus(state, gpus, bool(re.search(ALSO, rest)))
    take_models(state, models, bool(re.search(ALSO, rest)))
    case, points = use_case(rest)
    if (
        case is not None
        and (points >= LEAST_TELLING or "use_case" not in state)
        and points >= state.get("_points", 0) / 2
    ):
        state["use_case"], state["_points"] = case, points
    for dimension, level in priorities(rest).items():
        state[f"{dimension}_priority"] = level
    for name, value in (
        ("experience_class", experience_class(rest)),
        ("domain_specialization", domain(rest)),
        ("availability", availability(rest)),
    ):
        if value is not None:
            state[name] = value
    points_now = state.pop("_points", 0)
    changed = filled(state) != filled(before)
    if points_now:
        state["_points"] = points_now
    return changed or rest != text


def filled(state: dict[str, Any]) -> dict[str, Any]:
    """What a state says, without empty fields and bookkeeping."""
    return {key: value for key, value in state.items() if value not in (None, (), "") and key != "_points"}


def drop(state: dict[str, Any], text: str) -> str:
    """Take back what the message asks to forget; the text without that request."""
    if not state:
        return text
    for pattern, names in DROPPED.values():
        match = re.search(
            rf"\b{DROP} (?:\w+ ){{0,3}}?(?:{pattern})(?: \w*(?:restriction|limit|constraint|preference|requirement|target|cap)\w*)?|\bany (?:{pattern}) (?:is|will|would|does)"
            rf"|\bno (?:{pattern}) (?:restriction|limit|constraint|preference|requirement|target|cap)s?",
            text,
        )
        if match:
            for name in names:
                state[name] = EMPTY.get(name)
            text = text[: match.start()] + text[match.end() :]
    return text


def take_numbers(state: dict[str, Any], numbers: Quantities) -> None:
    """What the numbers say wins over what was said before."""
    if numbers.plain_ms is not None and (earlier := relabelled(state, numbers)):
        numbers.ttft_ms = numbers.e2e_ms = None
        setattr(numbers, earlier, numbers.plain_ms)
    if numbers.scale_users and state.get("user_count"):
        state["user_count"] = round(state["user_count"] * numbers.scale_users)
    if numbers.scale_budget and state.get("budget_usd_per_month"):
        state["budget_usd_per_month"] *= numbers.scale_budget
    for name in (
        "user_count", "ttft_ms", "itl_ms", "e2e_ms", "percentile", "prompt_tokens", "output_tokens",
        "requests_per_second", "budget_usd_per_month",
    ):  # fmt: skip
        value = getattr(numbers, name)
        if value is not None:
            state[name] = value
    assumed = {entry.field: entry for entry in state.get("assumptions", ())}
    assumed |= {
        name: IntentAssumption(field=name, value=value, why=why) for name, value, why in numbers.notes
    }
    state["assumptions"] = tuple(assumed.values())


def relabelled(state: dict[str, Any], numbers: Quantities) -> str | None:
    """Read "and with 200 ms?" after a stated target means that target."""
    said = [name for name in ("ttft_ms", "itl_ms", "e2e_ms") if state.get(name)]
    return said[0] if len(said) == 1 and numbers.plain_ms is not None else None


def take_gpus(state: dict[str, Any], named: Named, also: bool) -> None:
    """A wanted GPU replaces the earlier wish, or joins it; an unwanted one leaves the wishes."""
    wanted = tuple(state.get("preferred_gpu_types") or ())
    unwanted = tuple(state.get("excluded_gpu_types") or ())
    if named.wanted:
        wanted = tuple(dict.fromkeys((*wanted, *named.wanted))) if also else named.wanted
        unwanted = tuple(name for name in unwanted if name not in named.wanted)
    if named.unwanted:
        unwanted = tuple(dict.fromkeys((*unwanted, *named.unwanted)))
        wanted = tuple(name for name in wanted if name not in named.unwanted)
    state["preferred_gpu_types"], state["excluded_gpu_types"] = wanted, unwanted


def take_models(state: dict[str, Any], named: Named, also: bool) -> None:
    """A wanted model replaces the earlier wish, or joins it."""
    wanted = tuple(state.get("preferred_models") or ())
    if named.wanted:
        wanted = tuple(dict.fromkeys((*wanted, *named.wanted))) if also else named.wanted
    state["preferred_models"] = tuple(name for name in wanted if name not in named.unwanted)


def telling(text: str, in_conversation: bool) -> bool:
    """Whether a message that said nothing new is still about serving models."""
    lists = words("words")
    if contains(text, lists["off_topic_hints"]):
        return False
    return in_conversation or contains(text, lists["on_topic_hints"]) is not None


def check(intent: Intent, messages: Sequence[str]) -> Intent:
    """The checks after the rules and after a language model: the user's words win, contradictions are asked about."""
    said = spoken(messages)
    values = intent.model_dump()
    numeric = (
        "user_count", "ttft_ms", "itl_ms", "e2e_ms", "percentile", "prompt_tokens", "output_tokens",
        "requests_per_second", "budget_usd_per_month",
    )  # fmt: skip
    for name in numeric:
        values[name] = said.get(name)
    for name in ("preferred_gpu_types", "excluded_gpu_types", "preferred_models"):
        values[name] = said.get(name) or ()
    for name in ("accuracy_priority", "cost_priority", "latency_priority"):
        # A preference that nobody said is none.
        values[name] = said.get(name, "medium")
    for name in ("availability", "experience_class", "domain_specialization"):
        values[name] = said.get(name) or (values[name] if name == "domain_specialization" else None)
    values["assumptions"] = said.get("assumptions", ())
    values["question"] = contradiction(values, messages) or asked(values)
    return Intent.model_validate(values)


def spoken(messages: Sequence[str]) -> dict[str, Any]:
    """What the words themselves say, over the whole conversation."""
    state: dict[str, Any] = {}
    for message in messages:
        plain = read(message)
        if re.search(RESTART, plain):
            state = {}
        apply(state, plain)
    return state


def contradiction(values: dict[str, Any], messages: Sequence[str]) -> str | None:
    """The question that a contradiction or an impossible number asks for."""
    ttft, e2e, itl = values["ttft_ms"], values["e2e_ms"], values["itl_ms"]
    for name, words_of in (
        ("user_count", "users"),
        ("requests_per_second", "requests a second"),
        ("budget_usd_per_month", "dollars a month"),
    ):
        if values[name] is not None and values[name] <= 0:
            values[name] = None
            return f"0 {words_of} cannot be planned for. How many are meant?"
    if negative := re.search(
        r"(?<![\w\d])-\d+(?:\.\d+)? ?(?:users|ms|requests|\$|dollars|people|seconds)",
        read(messages[-1]) if messages else "",
    ):
        return f'"{negative[0]}" cannot be. Which number is meant?'
    if ttft and e2e and e2e < ttft:
        return f"The whole answer within {e2e:g} ms, but its first token only by {ttft:g} ms: which of the two holds?"
    if itl and e2e and itl > e2e:
        return f"{itl:g} ms between tokens and {e2e:g} ms for the whole answer cannot both be meant. Which holds?"
    both = set(values["preferred_gpu_types"]) & set(values["excluded_gpu_types"])
    if both:
        return f"{', '.join(sorted(both))} is both wanted and ruled out. Which holds?"
    return None


def asked(values: dict[str, Any]) -> str | None:
    """The question where the use case itself is open."""
    if not values["on_topic"]:
        return None
    if values["use_case"] is None and not any(
        values[name] for name in ("user_count", "requests_per_second", "preferred_models")
    ):
        return "What will people use it for, and how many of them?"
    return None
