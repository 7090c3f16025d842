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
"""For the offline engine, which ends by itself even if a model used up its limits before."""
SETTINGS = ModelSettings(temperature=0.0, first_event_timeout=300.0, request_timeout=600.0)
"""A laptop without a GPU reads some 30 tokens a second: a first prompt of 2,500 takes more than a minute."""
SECOND_TRY_TEMPERATURE = 0.5
"""At 0 the same prompt would give the same useless answer."""
SERVER_ERRORS = (ModelAPIError, httpx.HTTPError, OSError)
"""Raised when a server no longer answers; TimeoutError is an OSError."""
MODEL_ERRORS = (Looping, UsageLimitExceeded, UnexpectedModelBehavior, *SERVER_ERRORS)
"""Raised when a model cannot finish an answer, or its server is gone."""


class ModelFailure(Exception):
    """The language model cannot finish this answer; the offline engine takes over."""

    def __init__(self, reason: str, server_gone: bool = False) -> None:
        super().__init__(reason)
        self.server_gone = server_gone
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
        """Let the model answer, twice where the first answer is useless; `void` takes that one back.

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
        except MODEL_ERRORS as error:
            raise model_failure(error) from error

    async def by_rules(self, model: Model) -> None:
        """Let the offline engine answer; its arguments are exact, since it reads the messages itself."""
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
        """Run a model to its end, after the messages that this answer already has."""
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
    """Return the messages up to the last request; none where only the question was asked."""
    kept = list(messages)
    while kept and isinstance(kept[-1], ModelResponse):
        kept.pop()
    return kept if len(kept) > 1 else []


def model_failure(fault: Exception) -> ModelFailure:
    """Convert an error into a failure with its reason in words."""
    match fault:
        case UselessAnswer():
            return ModelFailure(f"failed twice ({fault})")
        case Looping():
            return ModelFailure(f"went round in circles ({fault})")
        case UsageLimitExceeded():
            return ModelFailure("needed more steps than an answer may take")
        case UnexpectedModelBehavior():
            log.info("unusable answer: %s", fault)
            return ModelFailure("did not give a usable answer")
        case _:
            return ModelFailure(failure_reason(fault), server_gone=True)


def failure_reason(error: Exception) -> str:
    """Say why a model's server did not answer: "took too long to answer"."""
    if isinstance(error, TimeoutError | httpx.TimeoutException) or "timed out" in str(error).lower():
        return "took too long to answer"
    status = getattr(error, "status_code", None)
    return f"answered with HTTP {status}" if status else "stopped answering"
