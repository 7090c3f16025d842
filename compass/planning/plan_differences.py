"""What differs between two plans, and whether a stored plan is still right."""

from compass.core import duration, milliseconds, money
from compass.planning.plan import make_plan, versions
from compass.planning.search_space import SearchSpace
from compass.planning.types import Difference, Option, Plan, Specification

DERIVED = {
    "specification_id", "experience_class", "mean_requests_per_second", "concurrent_users", "arrivals",
    "burst_size", "load_arithmetic", "gpu_prices", "wishes", "assumptions", "remarks", "gave_way",
}  # fmt: skip
"""Fields of a specification that follow from others, or are told by themselves."""
COMPARED = [name for name in Specification.model_fields if name not in DERIVED]


def differences(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Fields of the request, then of the balanced option, that differ."""
    found = [
        Difference(field=name, before=said(was), after=said(now))
        for name in COMPARED
        if (was := getattr(before.specification, name)) != (now := getattr(after.specification, name))
    ]
    was_option = summary(before.options[0]) if before.options else {"balanced option": "none"}
    now_option = summary(after.options[0]) if after.options else {"balanced option": "none"}
    for name in dict.fromkeys([*was_option, *now_option]):
        if was_option.get(name) != now_option.get(name):
            found.append(
                Difference(
                    field=name, before=was_option.get(name, "none"), after=now_option.get(name, "none")
                )
            )
    return tuple(found)


def said(value: object) -> str:
    """A field's value in words."""
    if value is None or value == ():
        return "not set"
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def summary(option: Option) -> dict[str, str]:
    """What a person compares of an option."""
    chosen = {
        "balanced option": f"{option.model.rsplit('/', 1)[-1]} {option.precision} on {option.gpu}",
        "replicas": f"{option.replicas} × {option.gpus // option.replicas}",
        "usd_per_month": money(option.usd_per_month),
    }
    if option.hours is not None:
        return chosen | {"hours": duration(option.hours), "usd_per_job": money(option.usd_per_job)}
    return chosen | {
        "TTFT": milliseconds(option.ttft_p95_ms.value),
        "ITL": milliseconds(option.itl_p95_ms.value),
        "E2E": milliseconds(option.e2e_p95_ms.value),
    }


def recheck(stored: Plan, space: SearchSpace) -> tuple[Plan, tuple[Difference, ...]]:
    """The same request planned today, and what changed: prices, runs, model constants, and the answer."""
    specification: Specification = stored.specification
    today = make_plan(space, specification)
    now = versions(space)
    moved = [
        Difference(field=f"version of {name}", before=stored.versions.get(name, "unknown"), after=now[name])
        for name in now
        if stored.versions.get(name) != now[name]
    ]
    return today, (*moved, *differences(stored, today))
