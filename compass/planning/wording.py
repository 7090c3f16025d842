"""Parts of a plan in words, for every door that shows a plan to a person."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from compass.core import (
    NO_PRICE,
    Evidence,
    counted,
    duration,
    exact_milliseconds,
    money,
    money_per,
    number,
    parse_yaml,
    percent,
    price,
)
from compass.planning.candidates import gpus_in_words
from compass.planning.latency_targets import LATENCY_TARGETS, USUAL_TARGETS, LatencyTarget
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
STATED_LOADS = {
    "concurrent_sessions": "{:,} sessions",
    "requests_per_second": "{:,.6g} requests/s",
    "tokens_per_second": "{:,.6g} tokens/s",
    "output_tokens_per_second": "{:,.6g} output tokens/s",
}
"""Forms of load in the user's own figures; requests in flight and jobs have words of their own."""
SHARES = {"active_share", "utilization", "prefix_cache_hit_rate"}


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
    parts += stated_load(specification)
    if specification.jobs_per_month != 1:
        parts.append(f"{number(specification.jobs_per_month)} jobs a month")
    return " · ".join([*parts, *restrictions(specification)])


def restrictions(specification: Specification) -> list[str]:
    """What the user asked for beside targets and load."""
    wish = specification
    models = [short_name(name) for name in wish.preferred_models]
    if wish.model_parameters_b is not None and "preferred_models" not in wish.stated:
        models = [f"models of about {wish.model_parameters_b:g}B"]
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
        (wish.precision, f"{wish.precision} weights"),
        (wish.tensor_parallel, f"{counted(wish.tensor_parallel or 0, 'GPU')} a replica"),
        (wish.gpu_count, f"at most {counted(wish.gpu_count or 0, 'GPU')}"),
        (wish.context_tokens, f"context of {wish.context_tokens or 0:,} tokens"),
        (wish.reasoning is not None, "with reasoning" if wish.reasoning else "without reasoning"),
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
    if all(getattr(specification, target.field) is None for target in LATENCY_TARGETS):
        return ["none: the job's end is what counts" if specification.load_form == "batch" else "none"]
    usual = [one_target(specification, target) for target in USUAL_TARGETS]
    if specification.first_answer_p95_ms is not None:
        usual.append(one_target(specification, LATENCY_TARGETS[-1]))
    return usual


def one_target(specification: Specification, target: LatencyTarget) -> str:
    """One target and who set it; "no ITL target" where there is none."""
    value = getattr(specification, target.field)
    if value is None:
        return f"no {target.name} target"
    said = target.wish in specification.stated
    origin = "you said" if said else target_origin(specification, target.wish)
    return f"{target.name} ≤ {exact_milliseconds(value)} ({origin})"


def target_origin(specification: Specification, field: str) -> str:
    """Where an assumed target comes from: the use case, the lengths, or what can be held."""
    why = next((entry.why for entry in specification.assumptions if entry.field == field), "")
    if why.startswith("gave way"):
        return "gave way"
    return "from the lengths" if "in proportion" in why or "tokens at the ITL" in why else "use case"


def load_words(specification: Specification) -> str:
    """The peak rate as a sum, and the tokens of a request."""
    load = specification.load_arithmetic or (
        f"{number(specification.peak_requests_per_second)} requests/s at peak"
    )
    tokens = f"{specification.prompt_tokens:,} → {specification.output_tokens:,} tokens"
    if specification.thinking_tokens:
        tokens += f", {specification.thinking_tokens:,} of them reasoning"
    is_said = {"prompt_tokens", "output_tokens"} <= set(specification.stated)
    return f"{load} · {tokens}{' (you said)' if is_said else ''}"


def load_form_words(specification: Specification) -> str:
    """The load in its own form: "13.3 requests/s", "50 requests in flight", "2,000,000 items in 10 hours"."""
    if specification.load_form == "in_flight":
        return f"{counted(specification.concurrent_requests or 0, 'request')} in flight"
    if specification.load_form == "sessions":
        return f"{counted(specification.concurrent_sessions or 0, 'session')} open"
    if specification.load_form == "batch":
        items = counted(specification.batch_items or 0, "item")
        return f"{items} in {duration(specification.deadline_hours or 0)}"
    return f"{number(specification.peak_requests_per_second)} requests/s"


def stated_load(specification: Specification) -> list[str]:
    """Every form of load that the user stated beside a number of users, and the one that is planned."""
    said = specification.wishes.stated()
    parts = [words.format(said[field]) for field, words in STATED_LOADS.items() if field in said]
    if specification.load_form == "batch":
        return [load_form_words(specification), *parts]
    if specification.load_form == "in_flight" and "concurrent_sessions" not in said:
        return [load_form_words(specification), *parts]
    return parts


def short_name(model: str) -> str:
    """A model's name without its organisation."""
    return model.rsplit("/", 1)[-1]


def model_words(option: Option) -> str:
    """Model and precision: "Qwen3-8B fp8"."""
    return f"{short_name(option.model)} {option.precision}"


def gpu_words(option: Option) -> str:
    """Replicas, GPUs a replica, GPU: "2 × L40S", "2 × (4 × H100-SXM)"."""
    return gpus_in_words(
        option.replicas, option.gpus // option.replicas, option.gpu, option.nodes_per_replica
    )


def gpu_sum(option: Option) -> str:
    """The GPUs as a sum: "5 replicas × 8 H100-SXM = 40 GPUs", and how many are rented where it is more."""
    each = option.gpus // option.replicas
    rented = f" ({option.gpus_billed} rented)" if option.gpus_billed > option.gpus else ""
    parts = f"{each} {option.gpu}"
    if option.nodes_per_replica > 1:
        parts = f"{option.nodes_per_replica} nodes × {each // option.nodes_per_replica} {option.gpu}"
    return f"{counted(option.replicas, 'replica')} × {parts} = {counted(option.gpus, 'GPU')}{rented}"


def prefix_cache_words(option: Option, specification: Specification) -> str | None:
    """What the prefix cache of a replica finds, and why; None where nothing is shared."""
    session = specification.session
    if option.prefix_cache_hit_rate is None or session is None:
        return None
    found = f"{percent(option.prefix_cache_hit_rate)} of prompt tokens found, derived"
    if option.sessions_per_replica is None:
        return f"{found}: all prompts begin with the same {session.shared_tokens:,} tokens, kept once"
    held = f"each holds {number(session.held_tokens)} tokens on average"
    at_best = percent(session.best_hit_rate)
    return (
        f"{found} ({at_best} in an endless cache): {number(option.sessions_per_replica)} sessions a replica, "
        f"{held}, and shares {session.shared_tokens:,}"
    )


def speculation_words(option: Option) -> str | None:
    """How an option drafts; None where it does not."""
    drafts = option.speculation
    if drafts is None:
        return None
    until = "at any load" if drafts.pays_up_to is None else f"up to {number(drafts.pays_up_to)} in flight"
    weights = f" by {drafts.draft_checkpoint}" if drafts.draft_checkpoint else ""
    return (
        f"{drafts.method}, {counted(drafts.draft_tokens, 'token')} drafted{weights}: a step yields "
        f"{number(drafts.accepted_tokens)} tokens on average ({drafts.source}); it pays {until}"
    )


def view_words(option: Option) -> str:
    """The views that an option won."""
    return ", ".join(VIEW_NAMES[view] for view in option.views) or "next best"


def cost_words(option: Option) -> str:
    """What an option costs: "$2,715 a month", "$222 a job", "no listed price"."""
    if option.hours is not None:
        return money_per(option.usd_per_job, "a job")
    return money_per(option.usd_per_month, "a month")


def cost_figure(option: Option) -> str:
    """The same without its unit, for a table that names it."""
    return money(option.usd_per_month if option.hours is None else option.usd_per_job)


def cost_unit(options: Sequence[Option]) -> str:
    """Heading of the costs of some options: "a month" or "a job"."""
    return "a job" if options and options[0].hours is not None else "a month"


def job_words(option: Option) -> str:
    """Hours, GPU-hours and dollars of a batch job at each kind of price; empty for other loads."""
    if option.hours is None:
        return ""
    prices = [
        f"{money(usd)} {kind}"
        for kind, usd in (("on demand", option.usd_per_job_on_demand), ("spot", option.usd_per_job_spot))
        if usd is not None
    ]
    spot = [] if option.usd_per_job_spot is not None or not prices else ["no spot price is listed"]
    hours = f"{duration(option.hours)} on {counted(option.gpus, 'GPU')}"
    rented = f"{number(option.gpu_hours or 0)} GPU-hours"
    return " · ".join([hours, rented, *(prices or [NO_PRICE]), *spot])


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
    return f"{relaxation.change}: {relaxation.option}, {money_per(relaxation.usd_per_month, 'a month')}"
