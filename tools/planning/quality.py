"""Model quality for a use case, from published scores and nothing else."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.catalog import Model
from tools.catalog.types import Score

# Where most models of the catalog lie.
MIDDLING = 60.0
DATA = Path(__file__).parent / "data" / "quality.yaml"

# Answers are planned without reasoning tokens where a model lets one choose, with few where it does not.
PREFERRED_SETTINGS = ("thinking off", "without thinking", "reasoning low")
OTHER_SETTINGS = ("base model", "normalised", "Leaderboard v2")


@dataclass(frozen=True)
class Quality:
    """`value` from 0 to 100, None without any score; `covered` is the share of the weight with scores."""

    value: float | None
    covered: float
    note: str


@functools.cache
def rules() -> dict[str, Any]:
    """The data file: references and weights."""
    read: dict[str, Any] = yaml.safe_load(DATA.read_text())
    return read


def lowest_useful() -> float:
    """The quality below which a model is offered only by name."""
    return float(rules()["lowest_useful"])


@functools.cache
def quality_of(model: Model, use_case: str) -> Quality:
    """Weighted mean of the model's published scores, each between its fixed floor and ceiling.

    A missing score is inferred from the model's other scores (data/quality.yaml says how) and named.
    """
    weights: dict[str, float] = rules()["weights"][use_case]
    references = rules()["benchmarks"]
    places = {
        name: place(score, references[name]) for name in references if (score := chosen_score(model, name))
    }
    published = {name: chosen_score(model, name) for name in weights if name in places}
    if not places:
        return Quality(None, 0.0, "no score is published")
    # One pseudo-benchmark of a middling model keeps a single lucky score from deciding.
    general = (MIDDLING + sum(value - references[name]["offset"] for name, value in places.items())) / (
        len(places) + 1
    )
    whole = sum(weights.values())
    value = 0.0
    for name, weight in weights.items():
        guess = min(100.0, max(0.0, general + references[name]["offset"]))
        value += weight / whole * places.get(name, guess)
    covered = sum(weights[name] for name in published) / whole
    note = "; ".join(
        f"{s.benchmark} {s.score:g} ({s.setting}, {s.measured_by})" for s in published.values() if s
    )
    missing = ", ".join(name for name in weights if name not in published)
    if missing:
        note = f"{note or 'no score of this use case'}; not published, inferred from other scores: {missing}"
    return Quality(round(value, 1), covered, note)


def place(score: Score, reference: dict[str, float]) -> float:
    """Where a score lies between the benchmark's floor (0) and ceiling (100)."""
    low, high = reference["floor"], reference["ceiling"]
    return min(100.0, max(0.0, 100 * (score.score - low) / (high - low)))


def chosen_score(model: Model, benchmark: str) -> Score | None:
    """The score whose setting is nearest to how the model will be served; never a base model's."""
    scores = [
        score
        for score in model.scores
        if score.benchmark == benchmark and not any(word in score.setting for word in OTHER_SETTINGS)
    ]
    if not scores:
        return None
    return max(scores, key=lambda score: any(word in score.setting for word in PREFERRED_SETTINGS))
