"""Demand: what the user said, and what the use case assumes for the rest, as one specification."""

from dataclasses import dataclass, field

from compass.catalog import Catalog, UseCase, find_provider, find_use_case
from compass.core import exact_milliseconds, milliseconds, unknown
from compass.planning.stated_names import allowed_gpus, model_ids, read_gpu_prices
from compass.planning.types import Assumption, Specification
from compass.planning.wishes import Wishes

DEFAULT_USERS = 100
# Targets, and what people call them.
SPOKEN = {"ttft_ms": "TTFT", "itl_ms": "ITL", "e2e_ms": "E2E"}


@dataclass
class Notes:
    """Assumptions and remarks as they are found."""

    assumptions: list[Assumption] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def choose(self, name: str, said: float | None, default: float, why: str) -> float:
        """What was said, else the default as an assumption."""
        if said is not None:
            return said
        self.assumptions.append(Assumption(field=name, value=f"{default:g}", why=why))
        return default

    def assume_arrivals(self, use_case: UseCase) -> None:
        """How requests come, and how many together; nobody is asked for it."""
        size = use_case.workload.burst_size
        value = f"bursts of {size:g}" if use_case.workload.arrivals == "bursts" else "poisson"
        why = f"usual for {use_case.title}: how requests come"
        self.assumptions.append(Assumption(field="arrivals", value=value, why=why))


def specify(catalog: Catalog, wishes: Wishes) -> Specification:
    """The specification of these wishes; pure arithmetic over the catalog.

    Raises:
        InvalidInput: a number that cannot be; names the field.
        NotFound: an unknown use case, class, GPU or model; names the nearest.
    """
    wishes.check_limits()
    notes = Notes()
    use_case = choose_use_case(catalog, wishes, notes)
    ttft, itl, e2e = choose_targets(catalog, use_case, wishes, notes)
    why = f"usual for {use_case.title}"
    prompt = notes.choose("prompt_tokens", wishes.prompt_tokens, use_case.prompt_tokens, why)
    output = notes.choose("output_tokens", wishes.output_tokens, use_case.output_tokens, why)
    note_contradictions(notes, ttft, itl, e2e, output, said=wishes.e2e_ms is not None)
    mean, peak, arithmetic = choose_load(use_case, wishes, notes)
    notes.assume_arrivals(use_case)
    users = wishes.user_count
    if wishes.percentile is None:
        notes.assumptions.append(
            Assumption(field="percentile", value="p95", why="targets are p95 unless said otherwise")
        )
    preferred, excluded = allowed_gpus(catalog, wishes.preferred_gpu_types, wishes.excluded_gpu_types)
    resolved = {
        "use_case": use_case.name,
        "experience_class": (wishes.experience_class or use_case.experience_class).strip().casefold(),
        "ttft_p95_ms": ttft,
        "itl_p95_ms": itl,
        "e2e_p95_ms": e2e,
        "prompt_tokens": int(prompt),
        "output_tokens": int(output),
        "peak_requests_per_second": peak,
        "mean_requests_per_second": mean,
        "concurrent_users": users * (wishes.active_share or use_case.workload.active) if users else None,
        "arrivals": use_case.workload.arrivals,
        "burst_size": use_case.workload.burst_size,
        "load_arithmetic": arithmetic,
        "preferred_gpu_types": preferred,
        "excluded_gpu_types": excluded,
        "preferred_models": model_ids(catalog, wishes.preferred_models),
        "provider": find_provider(catalog, wishes.provider) if wishes.provider else None,
        "gpu_prices": read_gpu_prices(catalog, wishes.gpu_prices),
        "wishes": wishes,
        "assumptions": tuple(notes.assumptions),
        "remarks": tuple(notes.remarks),
    }
    # What needs no arithmetic stands as it was said.
    as_said = {name: value for name, value in wishes.stated().items() if name in Specification.model_fields}
    return Specification(**as_said | resolved)


def choose_use_case(catalog: Catalog, wishes: Wishes, notes: Notes) -> UseCase:
    """The stated use case, else the chatbot as an assumption."""
    if wishes.use_case:
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
        if getattr(wishes, name) is not None and not low <= value <= high:
            side = "stricter" if value < low else "looser"
            notes.remarks.append(
                f"{SPOKEN[name]} of {exact_milliseconds(value)} is {side} than is usual for {use_case.title} "
                f"({exact_milliseconds(low)} to {exact_milliseconds(high)})."
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


def note_contradictions(notes: Notes, ttft: float, itl: float, e2e: float, output: float, said: bool) -> None:
    """Say where the targets cannot all bind at once; `said`: the user set the end-to-end one."""
    needed = ttft + itl * (output - 1)
    if e2e < ttft:
        notes.remarks.append(
            f"The whole answer may take {exact_milliseconds(e2e)}, less than its first token's "
            f"{exact_milliseconds(ttft)}: the end-to-end target decides."
        )
    elif e2e < needed:
        unsaid = "" if said else " It is assumed: say another where it should give way."
        notes.remarks.append(
            f"{output:,.0f} tokens at the limits of TTFT and ITL take {milliseconds(needed)}; "
            f"the end-to-end target of {exact_milliseconds(e2e)} is the stricter one.{unsaid}"
        )


def choose_load(use_case: UseCase, wishes: Wishes, notes: Notes) -> tuple[float, float, str]:
    """Mean and peak requests a second, with the sum that a person can check."""
    workload = use_case.workload
    if wishes.requests_per_second is not None:
        rate = wishes.requests_per_second
        peak = wishes.peak_factor or 1.0
        if wishes.user_count is not None:
            notes.remarks.append(
                f"The load is the stated {rate:g} requests/s; {wishes.user_count:,} users do not change it."
            )
        if wishes.peak_factor is None:
            text = "the stated rate is taken as the peak"
            notes.assumptions.append(Assumption(field="peak_factor", value="1", why=text))
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
