"""Reasoning of models: whether they think before they answer, how long, and how a server switches it.

Figures and their sources stand in data/reasoning.yaml.
"""

import functools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from compass.catalog.types import Model
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data" / "reasoning.yaml"
Basis = Literal["stated", "this model", "its family", "reasoning models in general"]
UNMEASURED_CV = 1.0
"""Spread of a stated mean: our judgement, between the spreads of easy and of mixed questions."""


@functools.cache
def rules() -> dict[str, Any]:
    """Return the data file."""
    read: dict[str, Any] = parse_yaml(DATA.read_text(encoding="utf-8"))
    return read


def usual_reasoning(model_id: str) -> Literal["no", "switchable", "always"]:
    """Return how a model outside of the catalog reasons, by its name; "no" where the name tells nothing."""
    entry = next((one for one in rules()["switches"] if one["match"] in model_id.casefold()), None)
    if entry is None or "instruct" in model_id.casefold():
        return "no"
    return "switchable" if "argument" in entry else "always"


@dataclass(frozen=True)
class ReasoningMode:
    """Whether a model is served with reasoning, and why."""

    on: bool
    why: str


def reasoning_mode(model: Model, wanted: bool | None) -> ReasoningMode:
    """Return how a model is served: those that can be switched think only where that is wanted."""
    if model.reasoning == "always":
        why = "always reasons before it answers"
        return ReasoningMode(True, f"{why}, which cannot be switched off" if wanted is False else why)
    if model.reasoning == "no":
        why = "cannot reason before it answers" if wanted else "answers without reasoning"
        return ReasoningMode(False, why)
    return ReasoningMode(True, "reasons, as wanted") if wanted else ReasoningMode(False, "reasoning is off")


@dataclass(frozen=True)
class ThinkingLength:
    """Tokens before the answer, over the requests of a use case."""

    mean_tokens: float
    cv: float
    """Standard deviation over mean."""
    basis: Basis
    source: str

    @property
    def p95_tokens(self) -> float:
        """Tokens that 95 % of requests do not exceed, of a log-normal distribution."""
        variance = math.log1p(self.cv**2)
        return self.mean_tokens * math.exp(1.6449 * math.sqrt(variance) - variance / 2)


def stated_thinking(tokens: int) -> ThinkingLength:
    """Return the length of thinking whose mean somebody stated."""
    return ThinkingLength(float(tokens), UNMEASURED_CV, "stated", "as you said")


def thinking_length(
    model: Model, use_case: str, effort: str | None = None, stated_tokens: int | None = None
) -> ThinkingLength:
    """Return how long a model that reasons thinks: a mixture of easy and hard questions.

    A stated number is the mean.
    """
    if stated_tokens is not None:
        return stated_thinking(stated_tokens)
    thinking = rules()["thinking"]
    entry = next((one for one in thinking["models"] if one["match"] in model.id.casefold()), None)
    share = thinking["hard_share"][use_case]
    means = [(entry or thinking["usual"])[kind] for kind in ("easy", "hard")]
    shares, spreads = (1.0 - share, share), thinking["spread"]
    mean = sum(part * value for part, value in zip(shares, means, strict=True))
    square = sum(
        part * value**2 * (1.0 + spreads[kind] ** 2)
        for part, value, kind in zip(shares, means, ("easy", "hard"), strict=True)
    )
    factor = thinking["effort"][effort] if effort else 1.0
    basis: Basis = "this model" if entry else "reasoning models in general"
    return ThinkingLength(mean * factor, math.sqrt(square / mean**2 - 1.0), basis, thinking["source"])


@dataclass(frozen=True)
class ReasoningSwitches:
    """What sets the planned reasoning: arguments of `vllm serve`, fields of a request, and what to know."""

    arguments: tuple[str, ...] = ()
    request_fields: dict[str, Any] | None = None
    """Fields that each request must carry because no argument of the server sets them."""
    notes: tuple[str, ...] = ()


def reasoning_switches(
    model: Model, on: bool, effort: str | None = None, budget_tokens: int | None = None
) -> ReasoningSwitches:
    """Return what makes a vLLM server reason, or not, as planned."""
    if model.reasoning == "no":
        return ReasoningSwitches()
    entry = next((one for one in rules()["switches"] if one["match"] in model.id.casefold()), None)
    if entry is None:
        switch = "on" if on else "off"
        note = f"How {model.name} is switched to reasoning {switch} is not known: set its chat template."
        return ReasoningSwitches(notes=(note,))
    arguments: list[str] = []
    notes: list[str] = []
    fields: dict[str, Any] = {}
    if on and "parser" in entry:
        arguments.append(f"--reasoning-parser={entry['parser']}")
    if "argument" in entry and model.reasoning == "switchable":
        arguments.append(f"--default-chat-template-kwargs={json.dumps({entry['argument']: on})}")
    if effort and on:
        if entry.get("effort"):
            fields["reasoning_effort"] = effort
        else:
            notes.append(f"{model.name} has no levels of effort: {effort} effort sets nothing.")
    if budget_tokens and on:
        budget = rules()["budget"]
        marks = {"reasoning_start_str": budget["start"], "reasoning_end_str": budget["end"]}
        arguments.append(f"{budget['flag']}={json.dumps(marks)}")
        fields[budget["field"]] = budget_tokens
    if fields:
        words = ", ".join(f'"{name}": {json.dumps(value)}' for name, value in fields.items())
        notes.append(f"Each request must carry {words}: no argument of the server sets it.")
    return ReasoningSwitches(tuple(arguments), fields or None, tuple(notes))
