"""Whole conversations: the tools that were called, the facts in the answers, and no figure of nobody's."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agent.commands import TERMS
from agent.conversation import Answer, Conversation
from agent.environment import OFFLINE
from agent.evaluation.journal import Journal
from agent.evaluation.sets import DATA, read_set
from agent.grounding.check import unsupported
from agent.offline import NAME as OFFLINE_NAME
from agent.offline.replies.talk import HELP
from compass.catalog import load_catalog
from compass.core import CompassError
from compass.planning import Plan
from compass.serving import ApprovalRequest
from tools.toolbox import Toolbox, nobody

FIXED_WORDS = " ".join([*(term.means for term in TERMS), HELP])
BLANK = re.compile(r"\{balanced\.([a-z_.]+)\}")


@dataclass(frozen=True)
class Turn:
    """What a person says, tools that must follow in order, texts of the answer, tools never to call."""

    say: str
    tools: tuple[str, ...]
    facts: tuple[str, ...]
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """A conversation with its expectations."""

    name: str
    turns: tuple[Turn, ...]
    approves: bool = False
    """Whether the person says yes to what is about to be changed; nobody does otherwise."""


@dataclass
class ConversationScore:
    """What one conversation missed, and what it took."""

    name: str
    turns: int = 0
    missed: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    """Figures in answers that stand in no tool result and no message."""
    tokens: int = 0
    seconds: float = 0.0
    fault: str = ""
    """Why it could not be held to its end."""


@cache
def scripts(path: Path = DATA / "conversations.yaml") -> tuple[Script, ...]:
    """A set of conversations.

    Raises:
        InvalidInput: the file is not there, or an entry is wrong.
    """
    return read_set(path, "--conversations", Script)


async def evaluate_conversations(
    box: Toolbox,
    model: str,
    entries: Sequence[Script],
    scores: list[ConversationScore],
    journal: Journal | None = None,
    told: Callable[[ConversationScore], None] = lambda score: None,
) -> list[ConversationScore]:
    """Hold each conversation on its own.

    `scores` holds at any time what is done so far; what stands in the journal is not held again.
    """
    for script in entries:
        known = journal.get(script) if journal else None
        score = ConversationScore(**known) if known else await hold(box, model, script)
        if journal and not known and not score.fault:
            journal.add(script, asdict(score))
        scores.append(score)
        told(score)
    return scores


async def hold(box: Toolbox, model: str, script: Script) -> ConversationScore:
    """One conversation from its first to its last turn; an error ends it and is counted."""
    score = ConversationScore(script.name)
    box = dataclasses.replace(box, approver=everybody if script.approves else nobody)
    try:
        talk = await Conversation.open(box, model=model)
        plan: Plan | None = None
        heard: list[str] = []
        for turn in script.turns:
            answer = await talk.say(turn.say)
            plan = next((result for result in answer.results if isinstance(result, Plan)), plan)
            heard += [turn.say, *(text for result in answer.results for text in texts_of(result))]
            judge(score, turn, answer, plan, heard)
            if model.lower() != OFFLINE and answer.model == OFFLINE_NAME:
                # The rules' answer is no merit of the model's.
                score.missed.append(f"{turn.say}: the model gave no answer, the offline engine did")
    except CompassError as error:
        score.fault = str(error)
    return score


async def everybody(request: ApprovalRequest) -> bool:
    """The yes of a script's person."""
    return True


def judge(
    score: ConversationScore, turn: Turn, answer: Answer, plan: Plan | None, heard: Sequence[str]
) -> None:
    """Add one turn to the score."""
    score.turns += 1
    score.missed += missed(turn, answer, plan)
    score.unsupported += unsupported(answer.text, [*heard, *catalog_rows(answer.text)])
    score.tokens += answer.usage.input_tokens + answer.usage.output_tokens
    score.seconds += answer.usage.seconds


def catalog_rows(text: str) -> Iterable[str]:
    """What an answer may say without a tool: the catalog on the GPUs and models it names, and fixed words."""
    catalog, plain = load_catalog(), text.lower()
    yield from (gpu.model_dump_json() for gpu in catalog.gpus if gpu.name.lower() in plain)
    yield from (model.model_dump_json() for model in catalog.models if model.name.lower() in plain)
    yield from (price.model_dump_json() for price in catalog.prices if price.gpu.lower() in plain)
    yield FIXED_WORDS


def texts_of(result: Any) -> list[str]:
    """A tool's result as a model reads it, and whole."""
    return [result.brief(), result.model_dump_json()]


def missed(turn: Turn, answer: Answer, plan: Plan | None) -> list[str]:
    """Expectations of a turn that its answer does not meet, in words."""
    called = [name for name, _ in answer.calls]
    rest = iter(called)
    gone = [f"{turn.say}: no call of {name}" for name in turn.tools if name not in rest]
    gone += [f"{turn.say}: {name} was called" for name in turn.never if name in called]
    gone += [
        f'{turn.say}: the answer lacks "{fact}"'
        for fact in (filled(fact, plan) for fact in turn.facts)
        if fact.lower() not in answer.text.lower()
    ]
    return gone


def filled(fact: str, plan: Plan | None) -> str:
    """The fact with the balanced option's fields in place of their names."""
    if plan is None or not plan.options:
        return fact

    def value(match: re.Match[str]) -> str:
        found: Any = plan.options[0]
        for name in match[1].split("."):
            found = getattr(found, name)
        return str(found)

    return BLANK.sub(value, fact)
