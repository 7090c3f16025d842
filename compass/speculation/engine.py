"""Writes a choice as vLLM takes it."""

import json
from typing import Protocol

ENGINE_METHODS = {"mtp": "mtp", "eagle3": "eagle3", "draft-model": "draft_model", "ngram": "ngram"}
"""vLLM's names: vLLM recipes (2026-08), pull request 24322 for draft models."""
LONGEST_MATCH = 4
"""Tokens that an n-gram matches at most, as vLLM's documentation has it."""


class Drafts(Protocol):
    """What the engine must know: a choice, or an option that was planned with it."""

    @property
    def method(self) -> str:
        """The method, as in `METHODS`."""

    @property
    def draft_tokens(self) -> int:
        """Drafted in a step."""

    @property
    def draft_checkpoint(self) -> str | None:
        """Weights to load beside the model's."""


def engine_config(choice: Drafts) -> str:
    """Return the value of vLLM's `--speculative-config`, in JSON."""
    settings: dict[str, str | int] = {"method": ENGINE_METHODS[choice.method]}
    if choice.draft_checkpoint:
        settings["model"] = choice.draft_checkpoint
    settings["num_speculative_tokens"] = choice.draft_tokens
    if choice.method == "ngram":
        settings["prompt_lookup_max"] = LONGEST_MATCH
    return json.dumps(settings)
