"""Rates models for a use case from published benchmark scores."""

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compass.catalog import Model, Score
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data" / "quality.yaml"

# Answers are planned without reasoning tokens where a model lets one choose, with few where it does not.
PREFERRED_SETTINGS = ("thinking off", "without thinking", "reasoning low")
OTHER_SETTINGS = ("base model", "normalised", "Leaderboard v2")
THINKING = "thinking on"
# A score that is not published is expected of a model's size: mean place over the catalog of 2026-11-24
# against the logarithm of its parameters (least squares, standard deviation 11), counting as two benchmarks.
PLACE_AT_1B, PLACE_A_DECADE, PRIOR_WEIGHT = 35.0, 19.0, 2.0


@dataclass(frozen=True)
class Quality:
    """`value` from 0 to 100, None without any score; `covered` is the share of the weight with scores."""

    value: float | None
    covered: float
    note: str


@functools.cache
def rules() -> dict[str, Any]:
    """Return the data file: references and weights."""
    read: dict[str, Any] = parse_yaml(DATA.read_text())
    return read


def lowest_useful() -> float:
    """Return the quality below which a model is offered only by name."""
    return float(rules()["lowest_useful"])


@functools.cache
def quality_of(model: Model, use_case: str, thinking: bool = False) -> Quality:
    """Return the weighted mean of the model's published scores, each between its fixed floor and ceiling.

    A missing score is inferred from the model's other scores (data/quality.yaml says how) and named.
    `thinking`: scores earned by reasoning count too, and first.
    """
    weights: dict[str, float] = rules()["weights"][use_case]
    references = rules()["benchmarks"]
    places = {
        name: place(score, references[name])
        for name in references
        if (score := chosen_score(model, name, thinking))
    }
    published = {name: chosen_score(model, name, thinking) for name in weights if name in places}
    if not places:
        return Quality(None, 0.0, "no score is published for how it would be served")
    # What its size lets one expect keeps a single lucky score from deciding.
    expected = PLACE_AT_1B + PLACE_A_DECADE * math.log10(model.parameters_b)
    levels = [value - references[name]["offset"] for name, value in places.items()]
    general = (PRIOR_WEIGHT * expected + sum(levels)) / (PRIOR_WEIGHT + len(levels))
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
    """Return where a score lies between the benchmark's floor (0) and ceiling (100)."""
    low, high = reference["floor"], reference["ceiling"]
    return min(100.0, max(0.0, 100 * (score.score - low) / (high - low)))


def chosen_score(model: Model, benchmark: str, thinking: bool = False) -> Score | None:
    """Return the score whose setting is nearest to how the model is served; never a base model's."""
    scores = [
        score
        for score in model.scores
        if score.benchmark == benchmark
        and not any(word in score.setting for word in OTHER_SETTINGS)
        # A score earned by thinking says nothing of a model that is served without.
        and (thinking or not (model.reasoning == "switchable" and THINKING in score.setting))
    ]
    if not scores:
        return None
    preferred = (THINKING,) if thinking else PREFERRED_SETTINGS
    return max(scores, key=lambda score: any(word in score.setting for word in preferred))
