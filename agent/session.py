"""One answer in the making: who gives it, what is understood, what happens when a model breaks off."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from pydantic_ai import Agent, UnexpectedModelBehavior, UsageLimitExceeded
from pydantic_ai.exceptions import ModelAPIError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolReturnPart, UserPromptPart
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage, UsageLimits

from agent.commands import read_command
from agent.events import (
    Event,
    Finished,
    ModelUsed,
    Notice,
    PullOffered,
    TextDelta,
    TextReset,
    ToolStarted,
    Usage,
)
from agent.extras import read_extras
from agent.faithful import unsupported
from agent.history import save, window
from agent.instructions import instructions_for
from agent.intent import understand
from agent.ledger import Turn
from agent.model_choice import Choice, choose
from agent.offline import NAME as OFFLINE_NAME
from agent.offline import OfflineModel
from agent.slim import slim
from agent.steady import SLOW_AFTER_S, SteadyModel, UselessAnswer, text_of
from agent.toolset import Desk, Looping, brief
from agent.types import Intent
from agent.understanding import intent_by_model
from tools.errors import CompassError, InvalidInput

if TYPE_CHECKING:
    from agent.loop import Conversation

log = logging.getLogger(__name__)

LIMITS = UsageLimits(request_limit=10, tool_calls_limit=12, output_tokens_limit=8_000)
SETTINGS = ModelSettings(temperature=0.0, max_tokens=1_200, first_event_timeout=180.0, request_timeout=300.0)
LONGEST_TEXT = 20_000
GONE = (ModelAPIError, httpx.HTTPError, OSError)
"""What a server that does not answer any more raises; TimeoutError is an OSError."""
COOL_DOWN_S = 30.0
"""After it broke off in the middle of an answer, a model is left alone for so long."""
WISHES = ("plan", "targets")
"""Commands whose words say what is wanted; "why not H100?" is no wish to go without."""
Emit = Callable[[Event], None]


class Broken(Exception):
    """The language model cannot finish this answer; the offline engine takes over."""

    def __init__(self, reason: str, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone
        """Whether the server is gone, and not only this answer."""


class Session:
    """One answer in the making."""

    def __init__(self, talk: "Conversation", text: str, emit: Emit) -> None:
        self.talk, self.record, self.text = talk, talk.record, text
        self.out = emit
        self.written: list[str] = []
        self.messages: list[ModelMessage] = []
        self.usage = RunUsage()
        self.model_name = ""
        self.started = time.perf_counter()
        self.calls = 0
        self.turn = Turn(text, Intent(), {}, self.record.ledger, self.emit, talk.plan)

    def emit(self, event: Event) -> None:
        """Send an event, and keep the text that stands."""
        if isinstance(event, TextDelta):
            self.written.append(event.text)
        elif isinstance(event, TextReset):
            self.written.clear()
        elif isinstance(event, ToolStarted):
            self.calls += 1
        self.out(event)

    async def run(self) -> None:
        """Choose who answers, understand, answer; fall back once if the language model breaks off."""
        choice = await self.choose()
        self.model_name = choice.name if choice.model else OFFLINE_NAME
        self.emit(ModelUsed(self.model_name, choice.model is None, choice.reason))
        if choice.missing:
            self.emit(PullOffered(choice.missing))
        if choice.model is not None:
            try:
                await self.understand(choice.model)
                await self.by_language_model(choice.model)
                self.doubt()
                return
            except Broken as broken:
                self.fall_back(choice, broken)
            finally:
                await choice.close()
        await self.understand(None)
        await self.play(OfflineModel(self.turn, self.talk.box.catalog))

    async def choose(self) -> Choice:
        """Who answers; a model that has just failed is given time, and its return is announced."""
        record = self.record
        if record.fell_back and 0 <= time.time() - record.fell_back_at < COOL_DOWN_S:
            return Choice("offline", reason=record.fell_back)
        choice = await choose(self.talk.model)
        if choice.model is not None and record.fell_back:
            self.emit(Notice(f"{choice.name} answers again."))
            record.fell_back = ""
        elif choice.model is None and choice.reason:
            record.fell_back, record.fell_back_at = choice.reason, 0.0
        return choice

    def doubt(self) -> None:
        """Name the figures that the language model did not get from a tool or from the person."""
        read = [
            str(part.content)
            for message in [*self.record.history(), *self.messages]
            for part in message.parts
            if isinstance(part, ToolReturnPart)
        ]
        told = [brief(done.result) for done in self.turn.done]
        sources = [*read, *told, *self.record.texts, self.text, instructions_for(self.turn)]
        if made_up := unsupported("".join(self.written), sources):
            self.emit(Notice(f"No tool returned {', '.join(made_up[:5])}: do not rely on it."))

    def fall_back(self, choice: Choice, broken: Broken) -> None:
        """Announce that the offline engine takes over, and void what was written so far."""
        reason = f"{choice.name} {broken}; the offline engine answers instead."
        log.warning("%s", reason)
        if self.written:
            self.emit(TextReset(reason))
        if broken.gone:
            self.record.fell_back, self.record.fell_back_at = reason, time.time()
        self.model_name = OFFLINE_NAME
        self.emit(ModelUsed(OFFLINE_NAME, True, reason))

    async def understand(self, model: Model | None) -> None:
        """Fill the turn with what the person wants.

        Raises:
            Broken: the language model does not answer.
        """
        record, turn = self.record, self.turn
        turn.earlier_intent, turn.earlier_extras = record.intent, record.extras
        action = read_command(self.text).action
        wishes = action in WISHES
        texts = [*record.texts, self.text] if wishes else record.texts
        # A prompt for a deployment is not for us.
        news = read_extras([self.text], self.talk.box.catalog) if action != "test" else {}
        turn.extras = record.extras | news
        if model is not None and wishes:
            try:
                turn.intent, usage = await intent_by_model(model, texts)
                self.usage.incr(usage)
            except GONE as error:
                raise Broken(gist(error), gone=True) from error
        elif wishes or record.intent is None:
            turn.intent = understand(texts)
        else:
            turn.intent = record.intent

    async def by_language_model(self, model: Model) -> None:
        """Let the model answer; one that gives nothing useful gets a second try.

        Raises:
            Broken: it cannot finish.
        """
        steady = SteadyModel(model, self.turn, SLOW_AFTER_S)
        for last in (False, True):
            try:
                await self.play(steady)
                return
            except UselessAnswer as error:
                if last:
                    raise Broken(f"failed twice ({error})") from error
                if self.written:
                    self.emit(TextReset(str(error)))
            except GONE as error:
                raise Broken(gist(error), gone=True) from error
            except Looping as error:
                raise Broken(f"went round in circles ({error})") from error
            except UsageLimitExceeded as error:
                raise Broken("needed more steps than an answer may take") from error
            except UnexpectedModelBehavior as error:
                log.info("unusable answer: %s", error)
                raise Broken("did not give a usable answer") from error

    async def play(self, model: Model) -> None:
        """Run a model with the tools to its end, going on from what this answer has already done."""
        agent: Agent[None, str] = Agent(
            model,
            instructions=instructions_for(self.turn) if isinstance(model, SteadyModel) else None,
            toolsets=[self.desk(model)],
            model_settings=SETTINGS,
            retries=2,
        )
        earlier = window(self.record.history()) if isinstance(model, SteadyModel) else []
        begun = resumable(self.messages)
        try:
            async with agent.iter(
                None if begun else self.text,
                message_history=[*earlier, *begun],
                usage_limits=LIMITS,
                usage=self.usage,
            ) as run:
                try:
                    async for node in run:
                        if Agent.is_model_request_node(node):
                            async with node.stream(run.ctx) as stream:
                                async for event in stream:
                                    self.heard(event)
                finally:
                    self.messages = list(run.all_messages()[len(earlier) :])
        finally:
            if not any(isinstance(message, ModelRequest) for message in self.messages):
                self.messages = [ModelRequest([UserPromptPart(self.text)])]

    def desk(self, model: Model) -> Desk:
        """The tools as this model gets them."""
        if isinstance(model, OfflineModel):
            return Desk(self.talk.toolset, self.turn, exact=True)
        return Desk(self.talk.toolset.prepared(slim), self.turn)

    def heard(self, event: object) -> None:
        """Pass a piece of text on."""
        if piece := text_of(event):
            self.emit(TextDelta(piece))

    async def keep(self) -> None:
        """Store the conversation; a database that is gone costs the memory of it, not the answer."""
        record, turn = self.record, self.turn
        record.texts += [self.text] if read_command(self.text).action in WISHES else []
        record.intent, record.extras = turn.intent, turn.extras
        record.append(self.messages or [ModelRequest([UserPromptPart(self.text)])])
        try:
            await save(self.talk.box.store, self.talk.identifier, record)
        except CompassError as error:
            self.emit(Notice(f"This answer could not be stored: {error}"))

    def finish(self) -> None:
        """Say that the answer is whole."""
        usage = Usage(
            self.usage.requests,
            self.usage.input_tokens,
            self.usage.output_tokens,
            self.calls,
            time.perf_counter() - self.started,
        )
        self.emit(Finished("".join(self.written), self.model_name, usage))


def cleaned(text: str) -> str:
    """The message without characters that no store or model takes.

    Raises:
        InvalidInput: nothing remains, or it is too long.
    """
    readable = (
        "".join(c for c in text if c.isprintable() or c in "\n\t").encode("utf-8", "ignore").decode().strip()
    )
    if not readable:
        raise InvalidInput("message", "is empty. Describe what you need, for whom and how fast.")
    if len(readable) > LONGEST_TEXT:
        raise InvalidInput(
            "message", f"has {len(readable):,} characters; {LONGEST_TEXT:,} are the most. Shorten it."
        )
    return readable


def resumable(messages: list[ModelMessage]) -> list[ModelMessage]:
    """What can be gone on from: up to the last request, and nothing where only the question was put."""
    kept = list(messages)
    while kept and isinstance(kept[-1], ModelResponse):
        kept.pop()
    return kept if len(kept) > 1 else []


def gist(error: Exception) -> str:
    """Why a model's server did not answer, for people."""
    if isinstance(error, TimeoutError | httpx.TimeoutException) or "timed out" in str(error).lower():
        return "took too long to answer"
    status = getattr(error, "status_code", None)
    return f"answered with HTTP {status}" if status else "stopped answering"
