"""What is known of speculation for a model: a method, a drafter and the tokens that a step yields."""

from typing import Literal

from pydantic import Field

from compass.core import Frozen

Method = Literal["mtp", "eagle3", "draft-model", "ngram"]
Text = Literal["chat", "code", "summaries", "reasoning"]
Basis = Literal["this model", "its family", "the method in general"]

METHODS: tuple[Method, ...] = ("mtp", "eagle3", "draft-model", "ngram")
"""In the order in which "auto" looks for them; it never takes n-gram drafts, which few texts repay."""
METHOD_NAMES: dict[str, str] = {
    "mtp": "MTP heads",
    "eagle3": "an EAGLE-3 head",
    "draft-model": "a draft model",
    "ngram": "n-gram drafts",
}


class Drafter(Frozen):
    """Dimensions of what drafts; all 0 for n-gram drafts."""

    own_layers: int = 0
    """Layers like those of the model, in its weight format (MTP)."""
    layers: int = 0
    """All layers that a pass goes through."""
    read_parameters: float = 0.0
    """Parameters in 16 bits that a pass reads, `own_layers` apart."""
    stored_parameters: float = 0.0
    """Those of them that the model does not hold anyway."""
    kv_bytes_per_token: float = 0.0
    """Of its KV cache, in 16 bits."""


class SpeculationChoice(Frozen):
    """How a model speculates, and what a step yields."""

    method: Method
    draft_tokens: int = Field(ge=1)
    """Drafted for a sequence in every step."""
    draft_checkpoint: str | None
    """Weights to load beside the model's; None for n-grams, and for MTP heads, which the model's own hold."""
    accepted_tokens: float
    """Mean tokens that a step yields, the model's own token with them: 1 to `draft_tokens` + 1."""
    low: float
    high: float
    basis: Basis
    source: str
    """Title and address of where `accepted_tokens` was read."""
    drafter: Drafter
