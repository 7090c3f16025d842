"""How long the answers of each model are: models that reason generate thinking tokens before the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compass.capacity import BoolArray, FloatArray
from compass.catalog import Model, reasoning_mode, thinking_length
from compass.planning.types import Assumption, Option, Specification
from compass.traffic import LENGTH_CV, Answers


@dataclass(frozen=True)
class AnswerLengths:
    """What each model of a catalog generates for one request, arrays of shape (models,)."""

    reasons: BoolArray
    """Whether it is planned with reasoning."""
    output_tokens: FloatArray
    """Mean, thinking and answer together."""
    output_cv: FloatArray
    thinking_tokens: FloatArray
    thinking_cv: FloatArray

    @property
    def key(self) -> bytes:
        """What tells these lengths from others."""
        return self.output_tokens.tobytes() + self.thinking_tokens.tobytes() + self.thinking_cv.tobytes()

    def answers(self, model_at: Sequence[int] | np.ndarray) -> Answers | None:
        """Return the lengths of configurations of these models; None where nothing thinks."""
        if not self.thinking_tokens.any():
            return None
        at = np.asarray(model_at)
        return Answers(
            self.output_tokens[at], self.output_cv[at], self.thinking_tokens[at], self.thinking_cv[at]
        )


def reasons(model: Model, specification: Specification) -> bool:
    """Whether a model is planned with reasoning: where it is wanted, or cannot be switched off."""
    wanted = True if specification.thinking_tokens else specification.reasoning
    return reasoning_mode(model, wanted).on


def answer_lengths(models: Sequence[Model], specification: Specification) -> AnswerLengths:
    """Return what each of these models generates under a specification.

    A stated number of thinking tokens holds for all that reason. A stated length of the output, where
    nothing was said of thinking, holds the thinking too.
    """
    answer = specification.output_tokens - specification.thinking_tokens
    rows = [_lengths_of(model, specification, answer) for model in models]
    on, thinking, cv = (np.array(column) for column in zip(*rows, strict=True))
    total = answer + thinking
    spread = np.hypot(thinking * cv, answer * LENGTH_CV) / total
    return AnswerLengths(on.astype(bool), total, spread, thinking, cv)


def _lengths_of(model: Model, specification: Specification, answer: int) -> tuple[bool, float, float]:
    """Whether a model reasons, its mean thinking tokens, and their coefficient of variation."""
    on = reasons(model, specification)
    stated = specification.thinking_tokens or None
    if not on or (stated is None and "output_tokens" in specification.stated):
        return on, 0.0, 0.0
    length = thinking_length(model, specification.use_case, specification.reasoning_effort, stated)
    return True, whole(length.mean_tokens), length.cv


def thinking_assumption(model: Model, specification: Specification, option: Option) -> list[Assumption]:
    """Return what is taken for the thinking of an option, where nobody said it; nothing without thinking."""
    if not option.thinking_tokens or specification.thinking_tokens:
        return []
    length = thinking_length(model, specification.use_case, specification.reasoning_effort)
    why = f"{length.source}, {length.basis}; some think far longer"
    value = f"{option.thinking_tokens:,} tokens on average"
    return [Assumption(field="thinking_tokens", value=value, why=why)]


def whole(tokens: float) -> float:
    """Return tokens to two digits: more is not known, and models of like length share their step times."""
    return float(f"{tokens:.2g}") if tokens > 100 else float(round(tokens))


def as_served(specification: Specification, option: Option) -> Specification:
    """Return the specification with the lengths of the option's own answers."""
    if option.output_tokens is None:
        return specification
    return specification.model_copy(
        update={
            "output_tokens": option.output_tokens,
            "thinking_tokens": option.thinking_tokens,
            "thinking_cv": option.thinking_cv,
        }
    )


def answers_of(specification: Specification, size: int) -> Answers | None:
    """Return the lengths of a specification as served, the same for `size` rows; None without thinking."""
    thinking, total = specification.thinking_tokens, specification.output_tokens
    if not thinking:
        return None
    cv = specification.thinking_cv
    spread = float(np.hypot(thinking * cv, (total - thinking) * LENGTH_CV)) / total
    row = (float(total), spread, float(thinking), cv)
    return Answers(*(np.full(size, value) for value in row))
