"""Demand: what the user said, and what the use case assumes for the rest, as one specification."""

import math
from dataclasses import dataclass, field
from typing import Any

from compass.catalog import Catalog, Pricing, UseCase, find_provider, find_use_case
from compass.core import InvalidInput, Percentile, unknown
from compass.planning.stated_names import allowed_gpus, model_ids, read_gpu_prices
from compass.planning.types import Arrivals, Assumption, Availability, Priority, Specification

MOST_USERS = 1_000_000_000
MOST_TOKENS = 1_000_000
MOST_RATE = 1_000_000.0
LONGEST_MS = 3_600_000.0
DEFAULT_USERS = 100
# Targets, and what people call them.
SPOKEN = {"ttft_ms": "TTFT", "itl_ms": "ITL", "e2e_ms": "E2E"}


@dataclass(frozen=True)
class Wishes:
    """What the user stated; None and empty mean unsaid."""

    use_case: str | None = None
    experience_class: str | None = None
    user_count: int | None = None
    ttft_ms: float | None = None
    itl_ms: float | None = None
    e2e_ms: float | None = None
    percentile: Percentile | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    requests_per_second: float | None = None
    active_share: float | None = None
    requests_per_minute: float | None = None
    peak_factor: float | None = None
    domain_specialization: str | None = None
    preferred_gpu_types: tuple[str, ...] = ()
    excluded_gpu_types: tuple[str, ...] = ()
    preferred_models: tuple[str, ...] = ()
    accuracy_priority: Priority = "medium"
    cost_priority: Priority = "medium"
    latency_priority: Priority = "medium"
    budget_usd_per_month: float | None = None
    availability: Availability | None = None
    provider: str | None = None
    pricing: Pricing = "on-demand"
    gpu_prices: tuple[str, ...] = ()
    prefix_cache_hit_rate: float | None = None
    speculative_speedup: float | None = None


@dataclass
class Notes:
    """Assumptions and remarks as they are found."""

    assumptions: list[Assumption] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    def choose(self, name: str, said: float | None, default: float, why: str) -> float:
        """What was said, else the default as an assumption."""
        if said is not None:
            self.stated.append(name)
            return said
        self.assumptions.append(Assumption(field=name, value=f"{default:g}", why=why))
        return default


def specify(catalog: Catalog, wishes: Wishes) -> Specification:
    """The specification of these wishes; pure arithmetic over the catalog.

    Raises:
        InvalidInput: a number that cannot be; names the field.
        NotFound: an unknown use case, class, GPU or model; names the nearest.
    """
    check_numbers(wishes)
    notes = Notes()
    use_case = choose_use_case(catalog, wishes, notes)
    ttft, itl, e2e = choose_targets(catalog, use_case, wishes, notes)
    why = f"usual for {use_case.title}"
    prompt = notes.choose("prompt_tokens", wishes.prompt_tokens, use_case.prompt_tokens, why)
    output = notes.choose("output_tokens", wishes.output_tokens, use_case.output_tokens, why)
    note_contradictions(notes, ttft, itl, e2e, output)
    mean, peak, arithmetic = choose_load(use_case, wishes, notes)
    arrivals, burst = choose_arrivals(use_case, notes)
    users = wishes.user_count
    if wishes.percentile is not None:
        notes.stated.append("percentile")
    else:
        notes.assumptions.append(
            Assumption(field="percentile", value="p95", why="targets are p95 unless said otherwise")
        )
    preferred, excluded = allowed_gpus(catalog, wishes.preferred_gpu_types, wishes.excluded_gpu_types)
    return Specification(
        use_case=use_case.name,
        experience_class=(wishes.experience_class or use_case.experience_class).strip().casefold(),
        user_count=users,
        ttft_p95_ms=ttft,
        itl_p95_ms=itl,
        e2e_p95_ms=e2e,
        percentile=wishes.percentile or "p95",
        prompt_tokens=int(prompt),
        output_tokens=int(output),
        peak_requests_per_second=peak,
        mean_requests_per_second=mean,
        concurrent_users=users * (wishes.active_share or use_case.workload.active) if users else None,
        arrivals=arrivals,
        burst_size=burst,
        load_arithmetic=arithmetic,
        load_factors=load_factors(wishes),
        stated=tuple(dict.fromkeys(notes.stated)),
        domain_specialization=wishes.domain_specialization,
        preferred_gpu_types=preferred,
        excluded_gpu_types=excluded,
        preferred_models=model_ids(catalog, wishes.preferred_models),
        accuracy_priority=wishes.accuracy_priority,
        cost_priority=wishes.cost_priority,
        latency_priority=wishes.latency_priority,
        budget_usd_per_month=wishes.budget_usd_per_month,
        availability=wishes.availability or "none",
        provider=find_provider(catalog, wishes.provider) if wishes.provider else None,
        pricing=wishes.pricing,
        gpu_prices=read_gpu_prices(catalog, wishes.gpu_prices),
        prefix_cache_hit_rate=wishes.prefix_cache_hit_rate or 0.0,
        speculative_speedup=wishes.speculative_speedup or 1.0,
        assumptions=tuple(notes.assumptions),
        remarks=tuple(notes.remarks),
    )


def check_numbers(wishes: Wishes) -> None:
    """Refuse what no deployment can have.

    Raises:
        InvalidInput: names the field.
    """
    limits: dict[str, tuple[float, str]] = {
        "user_count": (MOST_USERS, "5000"),
        "ttft_ms": (LONGEST_MS, "300"),
        "itl_ms": (LONGEST_MS, "30"),
        "e2e_ms": (LONGEST_MS, "8000"),
        "prompt_tokens": (MOST_TOKENS, "1024"),
        "output_tokens": (MOST_TOKENS, "256"),
        "requests_per_second": (MOST_RATE, "12.5"),
        "requests_per_minute": (MOST_RATE, "0.4"),
        "peak_factor": (1000, "2"),
        "active_share": (1, "0.2 for 20 %"),
        "budget_usd_per_month": (1e12, "5000"),
    }
    for name, (most, example) in limits.items():
        value = getattr(wishes, name)
        if value is None:
            continue
        if not math.isfinite(value) or value <= 0:
            raise InvalidInput(name, f"{value:g} cannot be. Give a positive number, {example} for example.")
        if value > most:
            raise InvalidInput(name, f"{value:g} is more than {most:g}, the most that makes sense here.")
    if wishes.prefix_cache_hit_rate is not None and not 0 <= wishes.prefix_cache_hit_rate < 1:
        raise InvalidInput(
            "prefix_cache_hit_rate", "must be at least 0 and below 1, 0.3 for 30 % for example."
        )
    if wishes.speculative_speedup is not None and not 1 <= wishes.speculative_speedup <= 8:
        raise InvalidInput("speculative_speedup", "must be 1 to 8 tokens a decode step, 1.5 for example.")
    if wishes.peak_factor is not None and wishes.peak_factor < 1:
        raise InvalidInput("peak_factor", "the peak cannot be below the mean. Give 1 or more.")


def choose_use_case(catalog: Catalog, wishes: Wishes, notes: Notes) -> UseCase:
    """The stated use case, else the chatbot as an assumption."""
    if wishes.use_case:
        notes.stated.append("use_case")
        return find_use_case(catalog, wishes.use_case)
    use_case = find_use_case(catalog, "chatbot_conversational")
    notes.assumptions.append(
        Assumption(field="use_case", value=use_case.name, why="not said; the most common one is taken")
    )
    return use_case


def choose_targets(
    catalog: Catalog, use_case: UseCase, wishes: Wishes, notes: Notes
) -> tuple[float, float, float]:
    """TTFT, ITL and E2E in ms: stated numbers win, then a stated class, then the use case."""
    defaults = use_case.targets.model_dump()
    whys = dict.fromkeys(SPOKEN, f"target of {use_case.title}")
    if wishes.experience_class:
        notes.stated.append("experience_class")
        move_to_class(catalog, use_case, wishes.experience_class, defaults, whys)
    if wishes.ttft_ms is not None and wishes.e2e_ms is None and defaults["e2e_ms"] <= wishes.ttft_ms:
        tokens = wishes.output_tokens or use_case.output_tokens
        defaults["e2e_ms"] = wishes.ttft_ms + (wishes.itl_ms or defaults["itl_ms"]) * (tokens - 1)
        whys["e2e_ms"] = f"the first token as you said, then {tokens:,} tokens at the ITL target"
    ttft, itl, e2e = (
        notes.choose(name, getattr(wishes, name), defaults[name], whys[name]) for name in SPOKEN
    )
    for name, value in zip(SPOKEN, (ttft, itl, e2e), strict=True):
        low, high = use_case.target_range[name]
        if name in notes.stated and not low <= value <= high:
            side = "stricter" if value < low else "looser"
            notes.remarks.append(
                f"{SPOKEN[name]} of {value:,g} ms is {side} than is usual for {use_case.title} "
                f"({low:,g} to {high:,g} ms)."
            )
    return ttft, itl, e2e


def move_to_class(
    catalog: Catalog, use_case: UseCase, name: str, defaults: dict[str, float], whys: dict[str, str]
) -> None:
    """Move TTFT and ITL to the limits of another class, never against the direction that was asked for.

    Raises:
        NotFound: an unknown class.
    """
    classes = {entry.name: entry for entry in catalog.classes}
    chosen = classes.get(name.strip().casefold())
    if chosen is None:
        raise unknown("experience class", name, classes)
    looser = chosen.ttft_ms > classes[use_case.experience_class].ttft_ms
    if chosen.name == use_case.experience_class:
        return
    for target, limit in (("ttft_ms", chosen.ttft_ms), ("itl_ms", chosen.itl_ms)):
        usual = defaults[target]
        if (limit > usual) == looser and limit != usual:
            defaults[target] = limit
            whys[target] = f"limit of the class {chosen.name}; usual for {use_case.title}: {usual:g}"


def note_contradictions(notes: Notes, ttft: float, itl: float, e2e: float, output: float) -> None:
    """Say where the targets cannot all bind at once."""
    needed = ttft + itl * (output - 1)
    if e2e < ttft:
        notes.remarks.append(
            f"The whole answer may take {e2e:,g} ms, less than its first token's {ttft:,g} ms: "
            "the end-to-end target decides."
        )
    elif e2e < needed:
        unsaid = "" if "e2e_ms" in notes.stated else " It is assumed: say another where it should give way."
        notes.remarks.append(
            f"{output:,.0f} tokens at the limits of TTFT and ITL take {needed:,.0f} ms; "
            f"the end-to-end target of {e2e:,.0f} ms is the stricter one.{unsaid}"
        )


def choose_load(use_case: UseCase, wishes: Wishes, notes: Notes) -> tuple[float, float, str]:
    """Mean and peak requests a second, with the sum that a person can check."""
    workload = use_case.workload
    if wishes.requests_per_second is not None:
        notes.stated.append("requests_per_second")
        rate = wishes.requests_per_second
        peak = wishes.peak_factor or 1.0
        if wishes.user_count is not None:
            notes.stated.append("user_count")
            notes.remarks.append(
                f"The load is the stated {rate:g} requests/s; {wishes.user_count:,} users do not change it."
            )
        if wishes.peak_factor is None:
            text = "the stated rate is taken as the peak"
            notes.assumptions.append(Assumption(field="peak_factor", value="1", why=text))
        else:
            notes.stated.append("peak_factor")
        return (
            rate,
            rate * peak,
            f"{rate:g} requests/s as stated" + (f" × {peak:g} at peak" if peak > 1 else ""),
        )
    why = f"usual for {use_case.title}"
    users = notes.choose("user_count", wishes.user_count, DEFAULT_USERS, "not said")
    active = notes.choose(
        "active_share", wishes.active_share, workload.active, f"{why}: users active at once"
    )
    minute = notes.choose(
        "requests_per_minute", wishes.requests_per_minute, workload.per_minute, f"{why}, each"
    )
    factor = notes.choose("peak_factor", wishes.peak_factor, workload.peak, f"{why}: peak over mean")
    mean = users * active * minute / 60
    text = (
        f"{mean * factor:.3g} requests/s at peak = {users:,.0f} users × {100 * active:.3g} % active × "
        f"{minute:g} a minute ÷ 60 × {factor:g} peak"
    )
    return mean, mean * factor, text


def load_factors(wishes: Wishes) -> dict[str, float]:
    """The stated factors of the load, kept for a later what-if."""
    names = ("active_share", "requests_per_minute", "peak_factor")
    return {name: value for name in names if (value := getattr(wishes, name)) is not None}


def burst_size(arrivals: str) -> float:
    """Requests that come together, from the workload's words ("bursts of 3"); 1 for Poisson."""
    if arrivals.startswith("bursts of "):
        return float(arrivals.removeprefix("bursts of "))
    # A document question comes with its follow-ups; the source says "clustered" and gives no number.
    return 2.0 if arrivals == "clustered" else 1.0


def choose_arrivals(use_case: UseCase, notes: Notes) -> tuple[Arrivals, float]:
    """How requests come, and how many together; an assumption of the use case."""
    burst = burst_size(use_case.workload.arrivals)
    kind: Arrivals = "bursts" if burst > 1 else "poisson"
    value = f"bursts of {burst:g}" if burst > 1 else "poisson"
    notes.assumptions.append(
        Assumption(field="arrivals", value=value, why=f"usual for {use_case.title}: how requests come")
    )
    return kind, burst


SIMPLE = ("use_case", "experience_class", "user_count", "percentile", "prompt_tokens", "output_tokens")


def wishes_of(specification: Specification) -> Wishes:
    """What a specification was made of: the stated fields, and the choices without a default."""
    stated = set(specification.stated)
    names = {"ttft_ms": "ttft_p95_ms", "itl_ms": "itl_p95_ms", "e2e_ms": "e2e_p95_ms"}
    values: dict[str, Any] = {
        name: getattr(specification, names.get(name, name)) for name in (*names, *SIMPLE) if name in stated
    }
    if "requests_per_second" in stated:
        values["requests_per_second"] = specification.mean_requests_per_second
    values |= specification.load_factors
    chosen = (
        "domain_specialization", "preferred_gpu_types", "excluded_gpu_types", "preferred_models",
        "accuracy_priority", "cost_priority", "latency_priority", "budget_usd_per_month", "availability",
        "provider", "pricing",
    )  # fmt: skip
    values |= {name: getattr(specification, name) for name in chosen}
    return Wishes(
        **values,
        gpu_prices=tuple(f"{gpu}={price:g}" for gpu, price in specification.gpu_prices.items()),
        prefix_cache_hit_rate=specification.prefix_cache_hit_rate or None,
        speculative_speedup=specification.speculative_speedup
        if specification.speculative_speedup > 1
        else None,
    )
