"""What a conversation holds on to between answers, and what one answer has done so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from agent.commands import Command
from agent.events import Event, Notice
from agent.intent import Intent
from compass.comparison import Comparison
from compass.core import Frozen
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Option, Plan, View, Wishes
from compass.serving import Deployment, TargetName
from tools.specs import TOOLS

ID_FIELDS = ("specification_id", "plan_id", "option_id", "deployment_id", "capacity_id", "comparison_id")
CHANGING = frozenset(spec.name for spec in TOOLS if not spec.read_only)


SUPERSEDES: dict[type[BaseModel], tuple[str, ...]] = {
    Plan: ("capacity_id", "comparison_id"),
    CapacityAnswer: ("comparison_id",),
    Comparison: ("capacity_id",),
}
"""Ids that a newer answer of another kind takes the place of."""


class Ledger(BaseModel):
    """The latest ids, by the parameter that takes them, and what was offered last."""

    latest: dict[str, str] = {}
    offer: Literal["", "deploy"] = ""
    subject: str = ""
    """The action of the last message."""

    def remember(self, result: BaseModel) -> None:
        """Take the ids out of a tool's result."""
        for name in ID_FIELDS:
            value = getattr(result, name, None)
            if isinstance(value, str) and value:
                self.latest[name] = value
        # What was answered last is what a question is about.
        for kind, others in SUPERSEDES.items():
            if isinstance(result, kind):
                for other in others:
                    self.latest.pop(other, None)
        if isinstance(result, Plan):
            self.latest["specification_id"] = result.specification.specification_id
            self.latest.pop("option_id", None)
            if result.options:
                self.latest["option_id"] = result.options[0].option_id
        if isinstance(result, Deployment):
            self.latest["option_id"] = result.receipt.option.option_id


class Place(Frozen):
    """Where to deploy; None is unsaid."""

    target: TargetName | None = None
    namespace: str | None = None

    def over(self, standing: "Place") -> "Place":
        """This place, and for what it leaves unsaid the standing one."""
        return Place(target=self.target or standing.target, namespace=self.namespace or standing.namespace)

    def arguments(self) -> dict[str, str]:
        """What is said, as arguments of deploy."""
        return self.model_dump(exclude_none=True)


@dataclass
class Done:
    """One tool call of this answer with its result."""

    name: str
    arguments: dict[str, Any]
    result: BaseModel
    call_id: str


@dataclass
class Turn:
    """One question being answered: what was said, what is known, what the tools returned so far."""

    text: str
    intent: Intent
    ledger: Ledger
    emit: Callable[[Event], None]
    command: Command
    plan: Plan | None = None
    """The conversation's latest plan, before this answer."""
    capacity: CapacityAnswer | None = None
    """The conversation's latest capacity answer, before this one; None where a plan was made after it."""
    comparison: Comparison | None = None
    """The conversation's latest comparison; None where something else was answered after it."""
    standing: Wishes = field(default_factory=Wishes)
    """What holds in this conversation wherever its messages say nothing else."""
    earlier: Wishes | None = None
    """The wishes of the answer before."""
    place: Place = field(default_factory=Place)
    done: list[Done] = field(default_factory=list)
    refusal: str = ""
    """What the last tool that did not succeed said."""
    declined: bool = False
    """A person was asked for approval and did not give it."""
    slow_start_told: bool = False

    @property
    def wishes(self) -> Wishes:
        """What the person wants: the messages' wishes over the standing ones."""
        return self.intent.over(self.standing)

    def notice(self, text: str) -> None:
        """Tell the person something beside the answer."""
        self.emit(Notice(text))

    def finished(self, name: str) -> Done | None:
        """The last finished call of a tool in this answer."""
        return next((call for call in reversed(self.done) if call.name == name), None)

    def call_id_of(self, result: BaseModel | None) -> str | None:
        """The id of the call of this answer that returned exactly this object, None where there is none."""
        return next((call.call_id for call in self.done if call.result is result), None)


def option_for(plan: Plan, view: View) -> Option | None:
    """The option that won a view."""
    return next((option for option in plan.options if view in option.views), None)
