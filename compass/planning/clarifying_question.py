"""Picks the clarifying question with the highest expected value of information."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from compass.core import money, parse_yaml
from compass.planning.ranking import MISS_PENALTY
from compass.planning.search import FeasibleTable, Search
from compass.planning.types import ClarifyingQuestion, QuestionAnswer, Specification
from compass.planning.winner_by_load import Winner, WinnerByLoad

DATA = Path(__file__).parent / "data" / "questions.yaml"
SAYS_RATE = {"requests_per_second", "tokens_per_second", "output_tokens_per_second"}
"""Loads whose peak is what was said."""
LABELS = {
    "user_count": "{:,.0f} users",
    "concurrent_requests": "{:,.0f} in flight",
    "active_share": "{:.3g} % active at once",
    "requests_per_minute": "{:g} a minute each",
    "peak_factor": "{:g} × the mean",
}


@dataclass(frozen=True)
class PossibleAnswer:
    """One answer to one question of the data file."""

    question: int
    """Position in the data file."""
    value: float
    load_ratio: float
    """Peak load under this answer over today's."""
    probability: float


@dataclass(frozen=True)
class AnswerEffect:
    """The best plan for an answer, and what today's plan left as it is would do."""

    winner: Winner | None
    score_unchanged: float
    holds_unchanged: bool

    @property
    def regret(self) -> float:
        """Score lost by keeping today's plan although the answer is this one."""
        best = self.winner.score if self.winner else -MISS_PENALTY
        return max(0.0, best - self.score_unchanged)


@functools.cache
def known_questions() -> tuple[dict[str, Any], ...]:
    """Return the entries of the data file."""
    return tuple(parse_yaml(DATA.read_text(encoding="utf-8")))


def clarifying_question(
    search: Search, feasible: FeasibleTable, winner: int, winner_by_load: WinnerByLoad | None
) -> ClarifyingQuestion | None:
    """Return the question of the highest value of information; None where no answer changes the plan.

    A batch job is asked nothing: without winners by load there is none.

    The value is what knowing the answer gains on average: the score of the best plan for it, less that of
    today's plan left as it is.
    """
    if winner_by_load is None:
        return None
    specification = search.specification
    answers = [
        answer
        for question in range(len(known_questions()))
        for answer in possible_answers(specification, question)
    ]
    if not answers:
        return None
    row, replicas = int(feasible.row[winner]), int(feasible.replicas[winner])
    today = int(feasible.index[winner]), replicas
    peaks = np.array([answer.load_ratio for answer in answers]) * search.load
    effects = [
        AnswerEffect(best, float(score), bool(holds))
        for best, score, holds in zip(
            winner_by_load.winners(peaks),
            winner_by_load.scores_unchanged(row, replicas, peaks),
            winner_by_load.holds_unchanged(row, replicas, peaks),
            strict=True,
        )
    ]
    asked = most_valuable(answers, effects, today)
    if asked is None:
        return None
    entry = known_questions()[asked]
    return ClarifyingQuestion(
        text=entry["text"].format(
            users=specification.user_count or 0, in_flight=specification.concurrent_requests or 0
        ),
        answers=tuple(
            described(entry["field"], answer, effect, today, search.priced)
            for answer, effect in zip(answers, effects, strict=True)
            if answer.question == asked
        ),
    )


def most_valuable(
    answers: list[PossibleAnswer], effects: list[AnswerEffect], today: tuple[int, int]
) -> int | None:
    """Return the question with the highest expected regret among those with an answer that changes the plan.

    `today`: candidate and replicas of today's plan. None where no answer changes it.
    """
    telling = {
        answer.question
        for answer, effect in zip(answers, effects, strict=True)
        if effect.winner is None or (effect.winner.candidate, effect.winner.replicas) != today
    }
    value = dict.fromkeys(sorted(telling), 0.0)
    for answer, effect in zip(answers, effects, strict=True):
        if answer.question in telling:
            value[answer.question] += answer.probability * effect.regret
    # Equally telling ones in the order of the file.
    return max(value, key=lambda question: round(value[question], 6)) if value else None


def possible_answers(specification: Specification, question: int) -> list[PossibleAnswer]:
    """Return the answers to a question; none where the user said it, or where it plays no part."""
    entry = known_questions()[question]
    field = entry["field"]
    assumed = next((float(known.value) for known in specification.assumptions if known.field == field), None)
    is_rate = SAYS_RATE & specification.stated
    if assumed is None or (field == "peak_factor" and is_rate):
        return []
    values = [row["value"] if "value" in row else assumed * row["times"] for row in entry["answers"]]
    if field == "active_share":
        values = [min(1.0, value) for value in values]
    if field == "concurrent_requests":
        values = [max(1.0, round(value)) for value in values]
    return [
        PossibleAnswer(question, value, value / assumed, row["weight"])
        for value, row in zip(values, entry["answers"], strict=True)
    ]


def described(
    field: str, answer: PossibleAnswer, effect: AnswerEffect, today: tuple[int, int], priced: bool
) -> QuestionAnswer:
    """Return an answer with the plan it leads to, and whether today's plan, left as it is, would do.

    Without dollars where no price is listed: not `priced`.
    """
    winner = effect.winner
    month = winner.usd_per_month if winner is not None and priced else None
    cost = "" if month is None else f", {money(month)} a month"
    same = winner is not None and (winner.candidate, winner.replicas) == today
    if winner is None:
        then = "nothing holds within the budget"
    elif same:
        then = f"this plan{cost}"
    else:
        left = "would hold too" if effect.holds_unchanged else "would not hold"
        then = f"{winner.name}{cost} (this plan {left})"
    shown = answer.value * 100 if field == "active_share" else answer.value
    return QuestionAnswer(
        answer=LABELS[field].format(shown),
        field=field,
        value=f"{answer.value:g}",
        then=then,
        usd_per_month=None if month is None else round(month, 2),
        same_option=same,
    )
