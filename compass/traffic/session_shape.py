"""Sessions: agents and conversations whose every request sends the whole history again."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from compass.capacity import FloatArray, IntArray
from compass.core import InvalidInput

BLOCK = 16
"""Tokens of a block of vLLM's KV cache: only whole blocks are found again."""


@dataclass(frozen=True)
class Pause:
    """One kind of pause between an answer and the session's next request, exponential."""

    share: float
    """Of all pauses."""
    seconds: float
    """Mean."""


@dataclass(frozen=True)
class SessionShape:
    """What the sessions of a service look like, in tokens and seconds; sessions are alike.

    Turn i + 1 sends what turn i sent, the answer to it, and `turn_tokens` more. Where that no longer fits
    into the window, the history is replaced by a summary of `kept_share` of the window: of the old blocks
    only the shared ones are found again.
    """

    shared_tokens: int
    """Of every prompt those that all sessions begin with: system prompt, tools."""
    first_tokens: int
    """Of the first prompt, beside the shared ones."""
    turn_tokens: int
    """That a turn adds beside the last answer: a question, results of tools."""
    output_tokens: int
    """Of a turn, thinking with them."""
    turns: int
    pauses: tuple[Pause, ...]
    window_tokens: int
    """Longest prompt and answer together."""
    thinking_tokens: int = 0
    """Of the output those that are not sent again: what comes after them is computed anew."""
    kept_share: float = 0.25
    """Of the window, as the summary of a history that no longer fits."""
    spread_over: int = 1
    """Replicas that the turns of all sessions go round: a session finds what its last visit left there."""

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.turns < 1:
            raise InvalidInput("session_turns", f"{self.turns} cannot be: a session has 1 turn or more.")
        if not self.pauses or not math.isclose(sum(pause.share for pause in self.pauses), 1.0, abs_tol=1e-6):
            raise InvalidInput("turn_pause_seconds", "the shares of the pauses must add up to 1.")
        longest = self.shared_tokens + self.first_tokens + self.output_tokens
        if longest > self.window_tokens:
            raise InvalidInput(
                "context_tokens",
                f"the first turn alone has {longest:,} tokens, more than the context of "
                f"{self.window_tokens:,}. Give a longer context or a shorter prompt.",
            )

    @cached_property
    def prompts(self) -> FloatArray:
        """Tokens of the prompt of each turn, shape (turns,)."""
        return self._turns[0]

    @cached_property
    def cached(self) -> FloatArray:
        """Of them those that the last visit to the replica left in whole blocks, or are shared; (turns,).

        Where turns go to R replicas in turn, other sessions between them, each comes to any of them with a
        chance of 1 / R: the mean over how many turns ago the last visit was.
        """
        prompts, begins = self._turns
        # Thinking that is not sent again breaks the chain of blocks where it began.
        left = prompts + (0 if self.thinking_tokens else self.output_tokens)
        chance, never = 1.0 / self.spread_over, np.ones(self.turns)
        found = np.zeros(self.turns)
        for ago in range(1, self.turns if self.spread_over > 1 else 2):
            visit = np.arange(self.turns) - ago
            known = visit >= begins
            found += np.where(known, never * chance * left[np.maximum(visit, 0)], 0.0)
            never = np.where(known, never * (1.0 - chance), never)
        found += never * self.shared_tokens
        return np.asarray(np.minimum(np.floor(found / BLOCK) * BLOCK, prompts - 1))

    @cached_property
    def _turns(self) -> tuple[FloatArray, IntArray]:
        """Prompt tokens of each turn, and the turn that its history began with."""
        prompts, begins = [], []
        prompt, begin = float(self.shared_tokens + self.first_tokens), 0
        room = self.window_tokens - self.output_tokens
        summary = self.shared_tokens + self.kept_share * (room - self.shared_tokens)
        for turn in range(self.turns):
            prompts.append(prompt)
            begins.append(begin)
            prompt += self.output_tokens - self.thinking_tokens + self.turn_tokens
            if prompt > room:
                prompt, begin = min(max(summary, prompt - room), room), turn + 1
        return np.array(prompts), np.array(begins)

    @property
    def mean_prompt_tokens(self) -> float:
        """Of all turns."""
        return float(self.prompts.mean())

    @property
    def held_tokens(self) -> float:
        """Tokens of KV cache of one session alone, the mean over its turns; shared ones are held once."""
        return self.mean_prompt_tokens + self.output_tokens - self.shared_tokens

    @property
    def left_tokens(self) -> float:
        """Tokens of KV cache that nobody asks for again, left by a turn on average."""
        last = np.append(np.diff(self._turns[1]) > 0, True)
        left = float((last * (self.prompts + self.output_tokens - self.shared_tokens)).sum()) / self.turns
        return left * self.spread_over

    @property
    def pause_s(self) -> float:
        """Mean pause of a session between an answer and its next request."""
        return sum(pause.share * pause.seconds for pause in self.pauses)

    @property
    def returning(self) -> float:
        """Share of turns that come back to a history: all but the first and those after a summary."""
        return float((self.cached > self.shared_tokens).mean())

    @property
    def best_hit_rate(self) -> float:
        """Share of prompt tokens that an endless cache holds."""
        return float(self.cached.sum() / self.prompts.sum())

    @property
    def shared_hit_rate(self) -> float:
        """Share of prompt tokens that are shared by all sessions: found although a history is lost."""
        return float(np.minimum(self.shared_blocks, self.prompts).sum() / self.prompts.sum())

    @property
    def shared_blocks(self) -> float:
        """Shared tokens in whole blocks."""
        return math.floor(self.shared_tokens / BLOCK) * float(BLOCK)


@dataclass(frozen=True)
class PrefillWork:
    """Prompt tokens that are computed, and pairs of them with tokens before them; means over turns."""

    tokens: float
    pairs: float
    square: float
    """Mean of the squared tokens, for their spread."""


def prefill_work(prompts: FloatArray, cached: FloatArray) -> PrefillWork:
    """Return the work of turns whose prompts find so many tokens in the cache."""
    if not len(prompts):
        return PrefillWork(0.0, 0.0, 0.0)
    new = prompts - cached
    return PrefillWork(float(new.mean()), float((new * (cached + new / 2)).mean()), float((new**2).mean()))
