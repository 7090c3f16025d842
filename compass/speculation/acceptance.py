"""Published acceptance of drafted tokens: data/acceptance.yaml, checked, and what it says of a model."""

import functools
import statistics
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from compass.core import Frozen, parse_yaml
from compass.speculation.types import Basis, Method, Text

FILE = Path(__file__).parent / "data" / "acceptance.yaml"
DOUBT: dict[Basis, float] = {"this model": 0.2, "its family": 0.3, "the method in general": 0.4}
"""Share by which accepted drafts may be fewer or more than published. Our judgement: for one head, one kind
of text and one length, sources differ by 20 to 30 % with temperature, prompts and training of the head
(Llama 3.1 8B on MT-Bench, 7 drafts: 2.54 accepted in one source, 1.77 in another)."""
LATER = 0.91
"""Rate of acceptance of a draft over that of the one before it. Mean of the heads that the data file has by
number of drafts, Llama 4 Maverick and Qwen3-8B, over their first four positions."""
LEAST_RATE, MOST_RATE = 0.01, 0.995


class _Entry(Frozen):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Entry):
    """Where a figure was read; `date` is of its publication, a month where no day is known."""

    title: str
    url: str
    date: date | str


class Observation(_Entry):
    """Tokens that a step yields, by drafted tokens."""

    model: str
    method: Method
    text: Literal["any", "chat", "code", "summaries", "reasoning"]
    accepted: dict[int, float] = Field(min_length=1)
    source: str

    @model_validator(mode="after")
    def _possible(self) -> "Observation":
        for drafted, accepted in self.accepted.items():
            if not (drafted >= 1 and 1.0 < accepted < drafted + 1):
                raise ValueError(f"{self.model}: {accepted} tokens of a step with {drafted} drafts cannot be")
        return self


class KnownDrafter(_Entry):
    """What drafts for a model, and how many tokens its source lets it draft."""

    model: str
    method: Method
    checkpoint: str | None = None
    draft_tokens: int = Field(ge=1)
    source: str


class DraftModel(_Entry):
    """Dimensions of a small model that drafts."""

    checkpoint: str
    parameters_b: float = Field(gt=0)
    layers: int = Field(gt=0)
    kv_bytes_per_token: float = Field(gt=0)


class Acceptance(_Entry):
    """The data file."""

    sources: dict[str, Source]
    observations: tuple[Observation, ...]
    families: tuple[tuple[str, ...], ...]
    drafters: tuple[KnownDrafter, ...]
    draft_models: tuple[DraftModel, ...]
    ngram_draft_tokens: int = Field(ge=1)
    texts: dict[str, Text]

    @model_validator(mode="after")
    def _sourced(self) -> "Acceptance":
        named = {row.source for row in self.observations} | {row.source for row in self.drafters}
        if wrong := named ^ self.sources.keys() - {"vllm-docs"}:
            raise ValueError(f"sources named but not listed, or listed but not named: {sorted(wrong)}")
        return self


class Found(Frozen):
    """Tokens that a step yields with some drafts; `low` and `high` bound what a deployment may see."""

    accepted: float
    low: float
    high: float
    basis: Basis
    source: str


@functools.cache
def load_acceptance() -> Acceptance:
    """Return the data file.

    Raises:
        ValidationError: a figure is impossible or has no source.
    """
    return Acceptance.model_validate(parse_yaml(FILE.read_text(encoding="utf-8")))


def draft_model(checkpoint: str) -> DraftModel:
    """Return the dimensions of a draft model that the data file names."""
    return next(one for one in load_acceptance().draft_models if one.checkpoint == checkpoint)


@functools.lru_cache(maxsize=4096)
def find_acceptance(model: str, method: Method, text: Text, drafted: int) -> Found | None:
    """Return what is published nearest to a model, a method, a kind of text and a number of drafts.

    `model`: as `compass.catalog.stem` writes it. First figures of the model, then of its family, then of the
    method; of these, those of the kind of text where there are any. None where nothing is published.
    """
    data = load_acceptance()
    of_method = [row for row in data.observations if row.method == method]
    relatives = next((kin for kin in data.families if model.startswith(kin)), ())
    groups: tuple[tuple[Basis, list[Observation]], ...] = (
        ("this model", [row for row in of_method if row.model == model]),
        ("its family", [row for row in of_method if relatives and row.model.startswith(relatives)]),
        ("the method in general", of_method),
    )
    for basis, rows in groups:
        if rows:
            same = [row for row in rows if row.text == text] or [row for row in rows if row.text == "any"]
            return _summary(same or rows, drafted, basis)
    return None


def accepted_with(rate: float, drafted: int) -> float:
    """Return the tokens that a step yields if each draft is accepted at a rate once those before it are.

    1 + r + r² + … with a rate r that does not change is equation 1 of Leviathan et al., ICML 2023; here it
    falls by `LATER` from each position to the next.
    """
    total, reached = 1.0, 1.0
    for position in range(drafted):
        reached *= rate * LATER**position
        total += reached
    return total


def rate_of(accepted: float, drafted: int) -> float:
    """Return the rate of acceptance that yields so many tokens a step: the inverse of `accepted_with`."""
    low, high = LEAST_RATE, MOST_RATE
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if accepted_with(middle, drafted) < accepted else (low, middle)
    return 0.5 * (low + high)


def _summary(rows: Iterable[Observation], drafted: int, basis: Basis) -> Found:
    found = [(_at(row.accepted, drafted), row) for row in rows]
    exact = [pair for pair in found if drafted in pair[1].accepted] or found
    mean = statistics.fmean(value for value, _ in exact)
    doubt = DOUBT[basis]
    values = [value for value, _ in found]
    source = load_acceptance().sources[min(exact, key=lambda pair: abs(pair[0] - mean))[1].source]
    return Found(
        accepted=mean,
        low=1.0 + (min(*values, mean) - 1.0) * (1.0 - doubt),
        high=min(drafted + 1.0, 1.0 + (max(*values, mean) - 1.0) * (1.0 + doubt)),
        basis=basis,
        source=f"{source.title} ({source.date}), {source.url}",
    )


def _at(accepted: dict[int, float], drafted: int) -> float:
    """Tokens at a number of drafts: published, or by the rate of the nearest number that is."""
    if drafted in accepted:
        return accepted[drafted]
    nearest = min(accepted, key=lambda number: (abs(number - drafted), number))
    return accepted_with(rate_of(accepted[nearest], nearest), drafted)
