"""Holds the balanced option against what the field pays, and says which assumption drives it far off."""

import functools
from pathlib import Path
from typing import Any

from compass.core import money, parse_yaml
from compass.planning.types import Option, SenseCheck, SenseKind, Specification

DATA = Path(__file__).parent / "data" / "usual_costs.yaml"
DRIVERS = (
    ("active_share", "the share of users active at once"),
    ("requests_per_minute", "the requests of an active user"),
    ("peak_factor", "the peak over the mean"),
    ("output_tokens", "the length of an answer"),
    ("prompt_tokens", "the length of a prompt"),
    ("itl_ms", "the target of ITL"),
    ("ttft_ms", "the target of TTFT"),
)
"""Assumptions that a cost hangs on, the one that moves it most first, and what they are called."""
ONE_REPLICA = "replicas"


@functools.cache
def usual_costs() -> dict[str, Any]:
    """Return the data file."""
    read: dict[str, Any] = parse_yaml(DATA.read_text(encoding="utf-8"))
    return read


def sense_checks(specification: Specification, option: Option) -> tuple[SenseCheck, ...]:
    """Return the figures of an option that are far above what is usual; none without a listed price."""
    if option.usd_per_month is None or specification.load_form == "batch":
        return ()
    figures: list[tuple[SenseKind, float]] = []
    if specification.user_count:
        figures.append(("usd_per_user", option.usd_per_month / specification.user_count))
    if option.usd_per_million_output_tokens is not None:
        figures.append(("usd_per_million_tokens", option.usd_per_million_output_tokens))
    return tuple(
        check(specification, option, kind, value)
        for kind, value in figures
        if value > usual_costs()[kind]["high"]
    )


def check(specification: Specification, option: Option, kind: SenseKind, value: float) -> SenseCheck:
    """Return the finding on one figure that is above its usual range."""
    usual = usual_costs()[kind]
    driver, words = driven_by(specification, option)
    return SenseCheck(
        kind=kind,
        value=value,
        low=usual["low"],
        high=usual["high"],
        source=usual["source"],
        driver=driver,
        sentence=(
            f"{money(value)} for {usual['per']} is far above the usual {money(usual['low'])} to "
            f"{money(usual['high'])} ({usual['source']}). {words}"
        ),
    )


def driven_by(specification: Specification, option: Option) -> tuple[str, str]:
    """Return the field that a high cost comes from, and a sentence on it."""
    if option.replicas == 1 or (option.replicas == 2 and specification.availability == "n+1"):
        return ONE_REPLICA, "One replica is the least there is: the load is small for it."
    assumed = {entry.field for entry in specification.assumptions}
    for field, words in DRIVERS:
        if field in assumed:
            return field, f"It hangs on {words}, which is assumed: say yours."
    return "stated", "It follows from what you said: the targets and the load."
