"""Model quality for a use case, from published scores and nothing else."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.catalog import Model
from tools.catalog.types import Score

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
    """Weighted mean of the model's published scores, each between its fixed floor and ceiling."""
    weights: dict[str, float] = rules()["weights"][use_case]
    references = rules()["benchmarks"]
    found: list[tuple[float, float, str]] = []
    for benchmark, weight in weights.items():
        score = chosen_score(model, benchmark)
        if score is None:
            continue
        low, high = references[benchmark]["floor"], references[benchmark]["ceiling"]
        place = min(100.0, max(0.0, 100 * (score.score - low) / (high - low)))
        found.append((weight, place, f"{benchmark} {score.score:g} ({score.setting}, {score.measured_by})"))
    if not found:
        return Quality(None, 0.0, "no score is published for this use case")
    total = sum(weight for weight, _, _ in found)
    covered = total / sum(weights.values())
    value = sum(weight * place for weight, place, _ in found) / total
    note = "; ".join(text for _, _, text in found)
    if covered < 0.995:
        missing = ", ".join(name for name in weights if chosen_score(model, name) is None)
        note += f"; not published: {missing}"
    return Quality(round(value, 1), covered, note)


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
