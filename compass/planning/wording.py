"""Parts of a plan in words, for every door that shows a plan to a person."""

from functools import cache
from pathlib import Path

from compass.core import Evidence, counted, exact_milliseconds, money, number, parse_yaml, price
from compass.planning.candidates import gpus_in_words
from compass.planning.types import (
    Assumption,
    Difference,
    Option,
    Relaxation,
    Specification,
    TippingPoint,
    View,
)

LABELS = Path(__file__).parent / "data" / "labels.yaml"
NEAR, FAR = 0.5, 2.0
"""Distances of the capacity model's kernel, see compass/core/evidence.py."""
VIEW_NAMES: dict[View, str] = {
    "balanced": "balanced",
    "best_accuracy": "best accuracy",
    "lowest_cost": "lowest cost",
    "lowest_latency": "lowest latency",
    "simplest": "simplest",
}
SHARES = {"active_share", "utilization", "prefix_cache_hit_rate"}
TARGETS = (
    ("TTFT", "ttft_ms", "ttft_p95_ms"),
    ("ITL", "itl_ms", "itl_p95_ms"),
    ("E2E", "e2e_ms", "e2e_p95_ms"),
)


@cache
def labels() -> dict[str, str]:
    """Words for the names of fields."""
    words: dict[str, str] = parse_yaml(LABELS.read_text(encoding="utf-8"))["fields"]
    return words


def field_label(field: str) -> str:
    """The name of a field in plain words."""
    return labels().get(field, field.replace("_", " "))


def field_value(field: str, text: str) -> str:
    """A field's value in plain words, with its unit: "7 s", "20 %", "1,200"."""
    figure, _, unit = text.partition(" ")
    try:
        value = float(figure)
    except ValueError:
        return text.replace("_", " ")
    if field.endswith("_ms") or unit == "ms":
        return exact_milliseconds(value)
    if field in SHARES and not unit:
        return f"{100 * value:.10g} %"
    if field.endswith("usd_per_month"):
        return money(value)
    return f"{value:,.10g} {unit}".strip() if value.is_integer() else f"{number(value)} {unit}".strip()


def assumption_words(assumption: Assumption) -> str:
    """For example "requests a minute of an active user: 0.4 (usual for a chatbot)"."""
    value = field_value(assumption.field, assumption.value)
    return f"{field_label(assumption.field)}: {value} ({assumption.why})"


def understood(specification: Specification) -> str:
    """Use case, users and everything that the user restricted, in a line."""
    parts = [specification.use_case.replace("_", " ")]
    if specification.user_count:
        parts.append(counted(specification.user_count, "user"))
    return " · ".join([*parts, *restrictions(specification)])


def restrictions(specification: Specification) -> list[str]:
    """What the user asked for beside targets and load."""
    wish = specification
    models = [short_name(name) for name in wish.preferred_models]
    prices = ", ".join(f"{gpu} {price(usd)}" for gpu, usd in wish.gpu_prices.items())
    levels = {
        "accuracy": wish.accuracy_priority,
        "cost": wish.cost_priority,
        "latency": wish.latency_priority,
    }
    restricted = [
        ("experience_class" in wish.stated, f"{wish.experience_class} speed"),
        (wish.domain_specialization, f"field of work: {wish.domain_specialization}"),
        (wish.preferred_gpu_types, f"only on {' or '.join(wish.preferred_gpu_types)}"),
        (wish.excluded_gpu_types, f"not on {' or '.join(wish.excluded_gpu_types)}"),
        (models, f"only {' or '.join(models)}"),
        (wish.provider, f"prices of {wish.provider}"),
        (wish.pricing != "on-demand", f"{wish.pricing} prices"),
        (prices, f"your prices per GPU-hour: {prices}"),
        (wish.budget_usd_per_month, f"at most {money(wish.budget_usd_per_month or 0)} a month"),
        (wish.availability == "n+1", "one spare replica"),
    ]
    restricted += [(level != "medium", f"{level} priority on {name}") for name, level in levels.items()]
    return [words for is_asked, words in restricted if is_asked]


def target_words(specification: Specification) -> list[str]:
    """The three targets and who set them: "TTFT ≤ 300 ms (you said)"."""
    return [
        f"{name} ≤ {exact_milliseconds(getattr(specification, limit))} "
        f"({'you said' if field in specification.stated else 'use case'})"
        for name, field, limit in TARGETS
    ]


def load_words(specification: Specification) -> str:
    """The peak rate as a sum, and the tokens of a request."""
    load = specification.load_arithmetic or (
        f"{number(specification.peak_requests_per_second)} requests/s at peak"
    )
    tokens = f"{specification.prompt_tokens:,} → {specification.output_tokens:,} tokens"
    is_said = {"prompt_tokens", "output_tokens"} <= set(specification.stated)
    return f"{load} · {tokens}{' (you said)' if is_said else ''}"


def short_name(model: str) -> str:
    """A model's name without its organisation."""
    return model.rsplit("/", 1)[-1]


def model_words(option: Option) -> str:
    """Model and precision: "Qwen3-8B fp8"."""
    return f"{short_name(option.model)} {option.precision}"


def gpu_words(option: Option) -> str:
    """Replicas, GPUs a replica, GPU: "2 × L40S", "2 × (4 × H100-SXM)"."""
    return gpus_in_words(option.replicas, option.gpus // option.replicas, option.gpu)


def gpu_sum(option: Option) -> str:
    """The GPUs as a sum: "5 replicas × 8 H100-SXM = 40 GPUs", and how many are rented where it is more."""
    each = option.gpus // option.replicas
    rented = f" ({option.gpus_billed} rented)" if option.gpus_billed > option.gpus else ""
    return (
        f"{counted(option.replicas, 'replica')} × {each} {option.gpu} = {counted(option.gpus, 'GPU')}{rented}"
    )


def view_words(option: Option) -> str:
    """The views that an option won."""
    return ", ".join(VIEW_NAMES[view] for view in option.views) or "next best"


def quality_words(option: Option) -> str:
    """The quality for the use case: "75 of 100"."""
    return "no published score" if option.quality is None else f"{option.quality:.0f} of 100"


def evidence_words(evidence: Evidence) -> str:
    """What kind of figures they are, and how like it the nearest measured run is."""
    if not evidence.nearest or evidence.distance is None:
        return f"{evidence.kind}; no measured run is comparable"
    far = evidence.distance > FAR
    likeness = "near" if evidence.distance <= NEAR else "far" if far else "some way off"
    nearest = f"the nearest measured run is {likeness} (distance {evidence.distance:.2g})"
    return f"{evidence.kind}; {nearest}{', so the figures rest on physics alone' if far else ''}"


def difference_words(difference: Difference) -> str:
    """A field that differs between two plans: "users: 2,000 → 5,000"."""
    before, now = (field_value(difference.field, text) for text in (difference.before, difference.after))
    return f"{field_label(difference.field)}: {before} → {now}"


def tipping_words(point: TippingPoint) -> str:
    """Where the answer changes: "peak load above 19.5 requests/s: 2 replicas instead of 1"."""
    return f"{point.quantity} {number(point.threshold)} {point.unit}: {point.then}"


def relaxation_words(relaxation: Relaxation) -> str:
    """A change of the request, and what it makes possible."""
    return f"{relaxation.change}: {relaxation.option}, {money(relaxation.usd_per_month)} a month"
