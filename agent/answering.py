"""One answer in the making: who gives it, what is understood, what happens when a model breaks off."""

import logging
import time
from collections.abc import Callable

from pydantic_ai.messages import ModelRequest, ToolReturnPart, UserPromptPart

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
from agent.grounding import unsupported_figures
from agent.history import ConversationState, save
from agent.intent import Intent, understand
from agent.llm import (
    SERVER_ERRORS,
    AgentRunner,
    ModelChoice,
    ModelFailure,
    RepairedModel,
    choose_model,
    failure_reason,
    instructions_for,
    intent_by_model,
    slow_start_announced,
)
from agent.offline import NAME as OFFLINE_NAME
from agent.offline import OfflineModel
from agent.request_call import not_used
from agent.toolset import brief
from agent.turn_state import Place, Turn
from compass.core import CompassError

log = logging.getLogger(__name__)

COOL_DOWN_S = 30.0
"""After it broke off in the middle of an answer, a model is left alone for so long."""
WISHES = ("plan", "targets")
"""Commands whose words say what is wanted; "why not H100?" is no wish to go without."""
INSTEAD = "the offline engine answers"
"""What follows where no language model answers."""
Emit = Callable[[Event], None]


class Session:
    """One answer in the making."""

    def __init__(self, talk: ConversationState, text: str, emit: Emit) -> None:
        self.talk, self.record, self.text = talk, talk.record, text
        self.out = emit
        self.written: list[str] = []
        self.model_name = ""
        self.started = time.perf_counter()
        self.calls = 0
        ledger = self.record.ledger
        self.command = read_command(
            text, ledger.subject, planned=bool(talk.plan or talk.capacity or talk.comparison)
        )
        ledger.subject = self.command.action
        if self.command.action == "restart":
            self.begin_anew()
        # "A cluster" in a need is no order to deploy there.
        target = self.command.target if self.command.action == "deploy" else None
        self.record.namespace = self.command.namespace or self.record.namespace
        said = Place(target=target, namespace=self.record.namespace)
        self.turn = Turn(
            text,
            Intent(),
            ledger,
            self.emit,
            self.command,
            talk.plan,
            capacity=talk.capacity,
            comparison=talk.comparison,
            standing=talk.standing,
            earlier=self.record.wishes,
            place=said.over(talk.place),
        )
        self.runner = AgentRunner(self.turn, talk.toolset)

    def begin_anew(self) -> None:
        """Forget the need and its plan; what runs goes on running and stays at hand."""
        record, ledger = self.record, self.record.ledger
        record.texts, record.intent, record.wishes, record.namespace = [], None, None, None
        ledger.latest = {key: ledger.latest[key] for key in ("deployment_id",) if key in ledger.latest}
        self.talk.plan = self.talk.capacity = self.talk.comparison = None

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
        self.emit(ModelUsed(self.model_name, choice.model is None, choice.explained(INSTEAD)))
        if choice.missing:
            self.emit(PullOffered(choice.missing))
        if choice.model is not None:
            try:
                await self.understand(choice)
                model = RepairedModel(choice.model, self.turn, choice.context_tokens)
                await self.runner.by_language_model(model, self.record.history(), self.void)
                self.doubt()
                return
            except ModelFailure as failure:
                self.fall_back(choice, failure)
            finally:
                await choice.close()
        await self.understand()
        await self.runner.by_rules(OfflineModel(self.turn, self.talk.box.catalog))

    async def choose(self) -> ModelChoice:
        """Who answers; a model that has just failed is given time, and its return is announced."""
        record = self.record
        if record.fell_back and 0 <= time.time() - record.fell_back_at < COOL_DOWN_S:
            return ModelChoice("offline", why=record.fell_back)
        choice = await choose_model(self.talk.model)
        if choice.model is not None and record.fell_back:
            self.emit(Notice(f"{choice.name} answers again."))
            record.fell_back = ""
        elif choice.model is None:
            record.fell_back, record.fell_back_at = choice.why, 0.0
        return choice

    def void(self, reason: str) -> None:
        """Take back what was written so far."""
        if self.written:
            self.emit(TextReset(reason))

    def doubt(self) -> None:
        """Name the figures that the language model did not get from a tool or from the person."""
        read = [
            str(part.content)
            for message in [*self.record.history(), *self.runner.messages]
            for part in message.parts
            if isinstance(part, ToolReturnPart)
        ]
        told = [brief(done.result) for done in self.turn.done]
        sources = [*read, *told, *self.record.texts, self.text, instructions_for(self.turn)]
        if made_up := unsupported_figures("".join(self.written), sources):
            self.emit(Notice(f"No tool returned {', '.join(made_up[:5])}: do not rely on it."))

    def fall_back(self, choice: ModelChoice, failure: ModelFailure) -> None:
        """Announce that the offline engine takes over, and void what was written so far."""
        why = f"{choice.name} {failure}"
        reason = ModelChoice("offline", why=why).explained(INSTEAD)
        log.warning("%s", reason)
        self.void(reason)
        if failure.server_gone:
            self.record.fell_back, self.record.fell_back_at = why, time.time()
        self.model_name = OFFLINE_NAME
        self.emit(ModelUsed(OFFLINE_NAME, True, reason))

    async def understand(self, choice: ModelChoice | None = None) -> None:
        """Fill the turn with what the person wants, as a language model reads it where one is given.

        Raises:
            Broken: the language model does not answer.
        """
        record, turn = self.record, self.turn
        wishes = self.command.action in WISHES
        texts = [*record.texts, self.text] if wishes else record.texts
        if choice is not None and choice.model is not None and wishes:
            try:
                with slow_start_announced(turn, choice.name):
                    read = await intent_by_model(choice.model, texts, choice.context_tokens)
                turn.intent = read.intent
                self.runner.usage.incr(read.usage)
            except SERVER_ERRORS as error:
                raise ModelFailure(failure_reason(error), server_gone=True) from error
        elif wishes or record.intent is None:
            turn.intent = understand(texts)
        else:
            turn.intent = record.intent
        if wishes and (line := not_used(turn.intent)):
            self.emit(TextDelta(f"{line}\n\n"))

    async def keep(self) -> None:
        """Store the conversation; a database that is gone costs the memory of it, not the answer."""
        record, turn = self.record, self.turn
        record.texts += [self.text] if self.command.action in WISHES else []
        record.intent, record.wishes = turn.intent, turn.wishes
        record.append(self.runner.messages or [ModelRequest([UserPromptPart(self.text)])])
        try:
            await save(self.talk.box.store, self.talk.identifier, record)
        except CompassError as error:
            self.emit(Notice(f"This answer could not be stored: {error}"))

    def finish(self) -> None:
        """Say that the answer is whole."""
        usage = Usage(
            self.runner.usage.requests,
            self.runner.usage.input_tokens,
            self.runner.usage.output_tokens,
            self.calls,
            time.perf_counter() - self.started,
        )
        self.emit(Finished("".join(self.written), self.model_name, usage))
