"""Runs scripted conversations: checks called tools, stated facts and figures without a source."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agent.commands import TERMS
from agent.conversation import Answer, Conversation
from agent.environment import OFFLINE
from agent.evaluation.journal import Journal
from agent.evaluation.sets import DATA, read_set
from agent.grounding import unsupported_figures
from agent.offline import NAME as OFFLINE_NAME
from agent.offline.replies.talk import HELP
from compass.catalog import load_catalog
from compass.core import CompassError
from compass.planning import Plan
from compass.serving import ApprovalRequest
from tools.toolbox import Toolbox, nobody

FIXED_TEXTS = " ".join([*(term.means for term in TERMS), HELP])
BLANK = re.compile(r"\{balanced\.([a-z_.]+)\}")


@dataclass(frozen=True)
class ScriptTurn:
    """A message, the tools to call in order, texts of the answer, and tools never to call."""

    say: str
    tools: tuple[str, ...]
    facts: tuple[str, ...]
    never: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConversationScript:
    """A scripted conversation with its expectations."""

    name: str
    turns: tuple[ScriptTurn, ...]
    approves: bool = False
    """Whether changes are approved."""


@dataclass
class ConversationScore:
    """The unmet expectations, tokens and seconds of one conversation."""

    name: str
    turns: int = 0
    missed: list[str] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    """Figures in answers that no tool result and no message holds."""
    tokens: int = 0
    seconds: float = 0.0
    fault: str = ""
    """Why the conversation ended early."""


@cache
def read_scripts(path: Path = DATA / "conversations.yaml") -> tuple[ConversationScript, ...]:
    """Read a set of conversations.

    Raises:
        InvalidInput: the file is not there, or an entry is wrong.
    """
    return read_set(path, "--conversations", TypeAdapter(tuple[ConversationScript, ...]))


async def evaluate_conversations(
    box: Toolbox,
    model: str,
    entries: Sequence[ConversationScript],
    scores: list[ConversationScore],
    journal: Journal | None = None,
    on_progress: Callable[[ConversationScore], None] = lambda score: None,
) -> list[ConversationScore]:
    """Run each conversation on its own.

    `scores` holds at any time what is done so far; what stands in the journal is not run again.
    """
    for script in entries:
        known = journal.get(script) if journal else None
        score = ConversationScore(**known) if known else await run_script(box, model, script)
        if journal and not known and not score.fault:
            journal.add(script, asdict(score))
        scores.append(score)
        on_progress(score)
    return scores


async def run_script(box: Toolbox, model: str, script: ConversationScript) -> ConversationScore:
    """Run one conversation; an error ends it and becomes its fault."""
    score = ConversationScore(script.name)
    box = dataclasses.replace(box, approver=approve_all if script.approves else nobody)
    try:
        talk = await Conversation.open(box, model=model)
        plan: Plan | None = None
        sources: list[str] = []
        for turn in script.turns:
            answer = await talk.say(turn.say)
            plan = next((result for result in answer.results if isinstance(result, Plan)), plan)
            sources += [turn.say, *(text for result in answer.results for text in texts_of(result))]
            score_turn(score, turn, answer, plan, sources)
            if model.lower() != OFFLINE and answer.model == OFFLINE_NAME:
                # The rules' answer is no merit of the model's.
                score.missed.append(f"{turn.say}: the model gave no answer, the offline engine did")
    except CompassError as error:
        score.fault = str(error)
    return score


async def approve_all(request: ApprovalRequest) -> bool:
    """Approve any change."""
    return True


def score_turn(
    score: ConversationScore, turn: ScriptTurn, answer: Answer, plan: Plan | None, sources: Sequence[str]
) -> None:
    """Add one turn to the score of its conversation."""
    score.turns += 1
    score.missed += unmet_expectations(turn, answer, plan)
    score.unsupported += unsupported_figures(answer.text, [*sources, *catalog_facts(answer.text)])
    score.tokens += answer.usage.input_tokens + answer.usage.output_tokens
    score.seconds += answer.usage.seconds


def catalog_facts(text: str) -> Iterable[str]:
    """Yield what an answer may state without a tool: catalog entries that it names, and fixed texts."""
    catalog, plain = load_catalog(), text.lower()
    yield from (gpu.model_dump_json() for gpu in catalog.gpus if gpu.name.lower() in plain)
    yield from (model.model_dump_json() for model in catalog.models if model.name.lower() in plain)
    yield from (price.model_dump_json() for price in catalog.prices if price.gpu.lower() in plain)
    yield FIXED_TEXTS


def texts_of(result: Any) -> list[str]:
    """Return a tool's result in brief and as JSON."""
    return [result.brief(), result.model_dump_json()]


def unmet_expectations(turn: ScriptTurn, answer: Answer, plan: Plan | None) -> list[str]:
    """Return the expectations of a turn that its answer does not meet, in words."""
    called = [name for name, _ in answer.calls]
    rest = iter(called)
    gone = [f"{turn.say}: no call of {name}" for name in turn.tools if name not in rest]
    gone += [f"{turn.say}: {name} was called" for name in turn.never if name in called]
    gone += [
        f'{turn.say}: the answer lacks "{fact}"'
        for fact in (with_plan_fields(fact, plan) for fact in turn.facts)
        if fact.lower() not in answer.text.lower()
    ]
    return gone


def with_plan_fields(fact: str, plan: Plan | None) -> str:
    """Replace "{balanced.gpu}" and the like by the fields of the plan's balanced option."""
    if plan is None or not plan.options:
        return fact

    def value(match: re.Match[str]) -> str:
        found: Any = plan.options[0]
        for name in match[1].split("."):
            found = getattr(found, name)
        return str(found)

    return BLANK.sub(value, fact)
