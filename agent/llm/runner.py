"""Runs a model with the tools until it has answered, or says why it could not."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
import pydantic_ai
from pydantic_ai import Agent, FunctionToolset, UnexpectedModelBehavior, UsageLimitExceeded
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage, UsageLimits

from agent.events import TextDelta
from agent.guarded_toolset import GuardedToolset, Looping
from agent.llm.instructions import SHORTLY, instructions_for
from agent.llm.repaired_model import RepairedModel, UselessAnswer, about_of, text_of
from agent.llm.short_schemas import short_schemas
from agent.turn_state import Turn

log = logging.getLogger(__name__)
# Its own words on a person's terminal, at the first answer.
pydantic_ai.BANNER_ENABLED = False

LIMITS = UsageLimits(request_limit=10, tool_calls_limit=12, output_tokens_limit=8_000)
NO_LIMITS = UsageLimits(request_limit=None)
"""For the rules, which end by themselves; what a model took before them must not stop them."""
SETTINGS = ModelSettings(temperature=0.0, first_event_timeout=300.0, request_timeout=600.0)
"""A laptop without a GPU reads some 30 tokens a second: a first prompt of 2,500 takes more than a minute."""
SECOND_TRY_TEMPERATURE = 0.5
"""At nought the same prompt would give the same useless answer."""
GONE = (ModelAPIError, httpx.HTTPError, OSError)
"""What a server that does not answer any more raises; TimeoutError is an OSError."""
FAULTS = (Looping, UsageLimitExceeded, UnexpectedModelBehavior, *GONE)
"""All that can be wrong with a model and its server."""


class Broken(Exception):
    """The language model cannot finish this answer; the offline engine takes over."""

    def __init__(self, reason: str, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone
        """Whether the server is gone, and not only this answer."""


@dataclass
class AgentRunner:
    """Runs the pydantic-ai agent for one answer; `messages` collects the answer's messages."""

    turn: Turn
    toolset: FunctionToolset[None]
    usage: RunUsage = field(default_factory=RunUsage)
    messages: list[ModelMessage] = field(default_factory=list)

    async def by_language_model(
        self, model: RepairedModel, history: Sequence[ModelMessage], void: Callable[[str], None]
    ) -> None:
        """Let the model answer; one that gives nothing useful gets a second try, after `void`.

        Raises:
            Broken: it cannot finish.
        """
        told = instructions_for(self.turn)
        tools = GuardedToolset.around(self.toolset.prepared(short_schemas), self.turn)
        settings = SETTINGS | ModelSettings(max_tokens=model.answer_tokens)
        try:
            try:
                await self.run(model, tools, history, told, settings)
            except UselessAnswer as error:
                void(str(error))
                settings |= ModelSettings(temperature=SECOND_TRY_TEMPERATURE)
                await self.run(model, tools, history, f"{told}\n{SHORTLY}", settings)
        except FAULTS as error:
            raise broken(error) from error

    async def by_rules(self, model: Model) -> None:
        """Let the offline engine answer; it has read the person's words itself."""
        tools = GuardedToolset.around(self.toolset, self.turn, exact=True)
        await self.run(model, tools, (), None, SETTINGS, NO_LIMITS)

    async def run(
        self,
        model: Model,
        tools: GuardedToolset,
        history: Sequence[ModelMessage],
        instructions: str | None,
        settings: ModelSettings,
        limits: UsageLimits = LIMITS,
    ) -> None:
        """Run a model to its end, going on from what this answer has already done."""
        agent: Agent[None, str] = Agent(
            model, instructions=instructions, toolsets=[tools], model_settings=settings, retries=2
        )
        begun = resumable(self.messages)
        try:
            async with agent.iter(
                None if begun else self.turn.text,
                message_history=[*history, *begun],
                usage_limits=limits,
                usage=self.usage,
            ) as agent_run:
                try:
                    async for node in agent_run:
                        if Agent.is_model_request_node(node):
                            async with node.stream(agent_run.ctx) as stream:
                                async for event in stream:
                                    self.forward_text(event)
                finally:
                    self.messages = list(agent_run.all_messages()[len(history) :])
        finally:
            if not any(isinstance(message, ModelRequest) for message in self.messages):
                self.messages = [ModelRequest([UserPromptPart(self.turn.text)])]

    def forward_text(self, event: object) -> None:
        """Emit the text that an event adds to the answer."""
        if piece := text_of(event):
            self.turn.emit(TextDelta(piece, about_of(event)))


def resumable(messages: list[ModelMessage]) -> list[ModelMessage]:
    """What can be gone on from: up to the last request, and nothing where only the question was put."""
    kept = list(messages)
    while kept and isinstance(kept[-1], ModelResponse):
        kept.pop()
    return kept if len(kept) > 1 else []


def broken(fault: Exception) -> Broken:
    """Why the model could not finish, in words."""
    match fault:
        case UselessAnswer():
            return Broken(f"failed twice ({fault})")
        case Looping():
            return Broken(f"went round in circles ({fault})")
        case UsageLimitExceeded():
            return Broken("needed more steps than an answer may take")
        case UnexpectedModelBehavior():
            log.info("unusable answer: %s", fault)
            return Broken("did not give a usable answer")
        case _:
            return Broken(failure_reason(fault), gone=True)


def failure_reason(error: Exception) -> str:
    """Say why a model's server did not answer: "took too long to answer"."""
    if isinstance(error, TimeoutError | httpx.TimeoutException) or "timed out" in str(error).lower():
        return "took too long to answer"
    status = getattr(error, "status_code", None)
    return f"answered with HTTP {status}" if status else "stopped answering"
