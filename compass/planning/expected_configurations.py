"""Explains what became of the configurations that people expect in a plan."""

import functools
from pathlib import Path

import numpy as np

from compass.capacity import FloatArray
from compass.core import money, parse_yaml
from compass.planning.answer_lengths import reasons
from compass.planning.latency_targets import LATENCY_TARGETS, targets_ms
from compass.planning.ledger import over_target, quality_in_words
from compass.planning.quality import lowest_useful, quality_of
from compass.planning.search import FeasibleTable, Search, idle_latencies

DATA = Path(__file__).parent / "data" / "expected_configurations.yaml"
FAR_DEARER = 10.0
"""What costs so many times the winner is not expected in its place: after the ones that hold for less."""


@functools.cache
def expected_configurations() -> tuple[tuple[str, str], ...]:
    """Return model and GPU of the entries of the data file."""
    return tuple((entry["model"], entry["gpu"]) for entry in parse_yaml(DATA.read_text(encoding="utf-8")))


def expected_remarks(search: Search, feasible: FeasibleTable, total: FloatArray) -> tuple[str, ...]:
    """Return a sentence for each expected configuration that lost, nearest in price first.

    None for those that the user ruled out, nor without prices.
    """
    space = search.space
    if not search.priced:
        return ()
    winner = int(np.argmax(total))
    feasible_models, feasible_gpus = space.model_at[feasible.index], space.gpu_at[feasible.index]
    remarks: list[tuple[float, str]] = []
    for model_id, gpu_name in expected_configurations():
        model = next((at for at, entry in enumerate(space.catalog.models) if entry.id == model_id), None)
        gpu = next((at for at, entry in enumerate(space.catalog.gpus) if entry.name == gpu_name), None)
        if model is None or gpu is None or model == feasible_models[winner]:
            continue
        rows = np.flatnonzero((feasible_models == model) & (feasible_gpus == gpu))
        if len(rows):
            row = int(rows[np.argmax(total[rows])])
            ratio = float(feasible.usd_per_month[row] / feasible.usd_per_month[winner])
            remarks.append((abs(np.log(ratio)), compared(search, feasible, row, winner)))
        elif why := why_infeasible(search, model, gpu):
            remarks.append((np.log(FAR_DEARER), why))
    return tuple(remark for _, remark in sorted(remarks, key=lambda entry: entry[0]))


def why_infeasible(search: Search, model_at: int, gpu_at: int) -> str | None:
    """Return why no size of a configuration holds: its quality or its latency when idle; None for others."""
    specification, space = search.specification, search.space
    model, gpu = space.catalog.models[model_at], space.catalog.gpus[gpu_at].name
    stated = specification.preferred_models or specification.preferred_gpu_types or specification.precision
    if stated or gpu in specification.excluded_gpu_types:
        return None
    quality = quality_of(model, specification.use_case, reasons(model, specification)).value
    if quality is not None and quality < lowest_useful():
        low = f"quality {quality:g} of 100, below {lowest_useful():g}"
        return f"{model.name} on {gpu} is left out: {low}; name it to plan with it."
    index = search.step_times.index[search.rows]
    at = np.flatnonzero((space.model_at[index] == model_at) & (space.gpu_at[index] == gpu_at))
    if not len(at):
        return None
    values, targets = idle_latencies(search, at), np.array(targets_ms(specification))
    fastest = values[:, np.argmin((values / targets[:, None]).max(axis=0))]
    worst = int(np.argmax(fastest / targets))
    if fastest[worst] <= targets[worst]:
        return None
    broken = f"{LATENCY_TARGETS[worst].name} {over_target(fastest[worst], targets[worst])}"
    return f"{model.name} on {gpu} is too slow in any size: {broken} even when idle."


def compared(search: Search, feasible: FeasibleTable, row: int, winner: int) -> str:
    """Return cost and quality of a row beside those of the winner."""
    name = search.space.candidates[feasible.index[row]].name_of(int(feasible.replicas[row]))
    month, quality = feasible.usd_per_month, feasible.quality
    per = " (all jobs of a month)" if search.specification.load_form == "batch" else ""
    return (
        f"{name} holds too: {money(month[row])} against {money(month[winner])}{per}, "
        f"quality {quality_in_words(quality[row])} against {quality_in_words(quality[winner])}."
    )
