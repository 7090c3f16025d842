"""The one question worth asking: the unsaid thing whose answer would cost most to have guessed wrong."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from compass.core import parse_yaml
from compass.planning.ranking import MISSING
from compass.planning.search import Search, Table
from compass.planning.types import Question, QuestionAnswer, Specification
from compass.planning.winner_by_load import Contest, Win

DATA = Path(__file__).parent / "data" / "questions.yaml"
LABELS = {
    "user_count": "{:,.0f} users",
    "active_share": "{:.3g} % active at once",
    "requests_per_minute": "{:g} a minute each",
    "peak_factor": "{:g} × the mean",
}


@dataclass(frozen=True)
class Answer:
    """One answer to one question: its value, the load it means over today's, how likely it is."""

    entry: int
    """Position in the data file."""
    value: float
    times: float
    weight: float


@dataclass(frozen=True)
class Outcome:
    """What an answer would give: the best plan for it, and what today's plan left as it is would do."""

    win: Win | None
    kept: float
    holds: bool

    @property
    def regret(self) -> float:
        """What not knowing the answer would cost."""
        return max(0.0, (self.win.score if self.win else -MISSING) - self.kept)


@functools.cache
def known_questions() -> tuple[dict[str, Any], ...]:
    """The data file."""
    return tuple(parse_yaml(DATA.read_text(encoding="utf-8")))


def question(found: Search, table: Table, winner: int, contest: Contest) -> Question | None:
    """The question of the highest value of information; None where no answer changes the plan.

    The value is what knowing the answer gains on average: the score of the best plan for it, less that of
    today's plan left as it is.
    """
    wish = found.specification
    answers = [answer for entry in range(len(known_questions())) for answer in answers_of(wish, entry)]
    if not answers:
        return None
    row, today = int(table.row[winner]), (int(table.index[winner]), int(table.replicas[winner]))
    peaks = np.array([answer.times for answer in answers]) * wish.peak_requests_per_second
    kept, holds = contest.kept(row, today[1], peaks), contest.carries(row, today[1], peaks)
    outcomes = [
        Outcome(win, float(kept[at]), bool(holds[at])) for at, win in enumerate(contest.winners(peaks))
    ]
    telling = {
        answer.entry
        for answer, outcome in zip(answers, outcomes, strict=True)
        if outcome.win is None or (outcome.win.candidate, outcome.win.replicas) != today
    }
    if not telling:
        return None
    value = dict.fromkeys(sorted(telling), 0.0)
    for answer, outcome in zip(answers, outcomes, strict=True):
        if answer.entry in telling:
            value[answer.entry] += answer.weight * outcome.regret
    # Equally telling ones in the order of the file.
    best = max(value, key=lambda entry: round(value[entry], 6))
    asked = known_questions()[best]
    return Question(
        text=asked["text"].format(users=wish.user_count or 0),
        answers=tuple(
            in_words(asked["field"], answer, outcome, today)
            for answer, outcome in zip(answers, outcomes, strict=True)
            if answer.entry == best
        ),
    )


def answers_of(wish: Specification, entry: int) -> list[Answer]:
    """The answers to a question; none where the user said it, or where it plays no part."""
    asked = known_questions()[entry]
    field = asked["field"]
    assumed = next((float(known.value) for known in wish.assumptions if known.field == field), None)
    if assumed is None or (field == "peak_factor" and "requests_per_second" in wish.stated):
        return []
    values = [row["value"] if "value" in row else assumed * row["times"] for row in asked["answers"]]
    if field == "active_share":
        values = [min(1.0, value) for value in values]
    return [
        Answer(entry, value, value / assumed, row["weight"])
        for value, row in zip(values, asked["answers"], strict=True)
    ]


def in_words(field: str, answer: Answer, outcome: Outcome, today: tuple[int, int]) -> QuestionAnswer:
    """What an answer would give, and whether today's plan, left as it is, would do."""
    win = outcome.win
    same = win is not None and (win.candidate, win.replicas) == today
    if win is None:
        then = "nothing holds within the budget"
    elif same:
        then = f"this plan, ${win.usd_per_month:,.0f} a month"
    else:
        left = "would hold too" if outcome.holds else "would not hold"
        then = f"{win.words}, ${win.usd_per_month:,.0f} a month (this plan {left})"
    shown = answer.value * 100 if field == "active_share" else answer.value
    return QuestionAnswer(
        answer=LABELS[field].format(shown),
        field=field,
        value=f"{answer.value:g}",
        then=then,
        usd_per_month=None if win is None else round(win.usd_per_month, 2),
        same_option=same,
    )
