"""One request on its way: its sequences in an engine, their tokens to the client."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.answers import DONE, Shape, event, usage
from simulator.connection import Connection, error_body
from simulator.engine import Engine
from simulator.requests import Generation, Prompt
from simulator.scheduler import Finish, Sequence
from simulator.text import AS_JSON, answer, with_stops


@dataclass(slots=True)
class Choice:
    """One answer of a request; hears its tokens from the engine."""

    exchange: "Exchange"
    index: int
    prompt: Prompt
    tokens: Iterator[str]
    stop: str | None
    finish: Finish
    before: bytes = b""
    after: bytes = b""
    text: list[str] = field(default_factory=list)
    sequence: Sequence | None = None

    def token(self, sequence: Sequence, last: bool) -> None:
        """Pass one token on."""
        piece = next(self.tokens)
        exchange = self.exchange
        if not exchange.streamed:
            self.text.append(piece)
        elif last:
            exchange.write_last(self, piece)
        elif sequence.generated == 1:
            exchange.write_first(self, piece)
        elif exchange.continuous_usage:
            exchange.write_with_usage(self, piece)
        else:
            # Nearly all tokens take this way: two dictionary look-ups and one write.
            exchange.connection.write(b"%b%b%b" % (self.before, json_text(piece), self.after))
        if last:
            exchange.end(self)


def json_text(piece: str) -> bytes:
    """A token as JSON; text cut for a stop string is not in the table."""
    return AS_JSON.get(piece) or json.dumps(piece).encode()


class Exchange:
    """A request whose answers are being made."""

    def __init__(
        self,
        connection: Connection,
        engine: Engine,
        asked: Generation,
        shape: Shape,
        seed: int,
        limits: tuple[int, ...],
        failure: str | None,
        finished: Callable[["Exchange"], None],
    ) -> None:
        self.connection = connection
        self.engine = engine
        self.asked = asked
        self.shape = shape
        self.streamed = asked.stream
        self.continuous_usage = asked.continuous_usage
        self.failure = failure
        self._finished = finished
        self.choices = [
            self.choice(position * asked.n + copy, prompt, limit, seed + copy)
            for position, (prompt, limit) in enumerate(zip(asked.prompts, limits, strict=True))
            for copy in range(asked.n)
        ]
        self.left = len(self.choices)

    def choice(self, index: int, prompt: Prompt, limit: int, seed: int) -> Choice:
        """One answer with its length; a stop string is found beforehand, because the text is known."""
        asked = self.asked
        text = answer(seed if asked.seed is None else asked.seed + index % asked.n, prompt.text)
        natural = asked.max_tokens is None and not asked.ignore_eos
        choice = Choice(self, index, prompt, text, None, Finish.STOP if natural else Finish.LENGTH)
        length = limit
        if asked.stops:
            ending = with_stops(text, limit, asked.stops, asked.min_tokens, asked.keep_stop)
            choice.tokens, length = iter(ending.deltas), len(ending.deltas)
            if ending.stop is not None:
                choice.stop, choice.finish = ending.stop, Finish.STOP
        if self.streamed:
            choice.before, choice.after = self.shape.around(index)
        if asked.echo:
            choice.text.append(prompt.text)
        choice.sequence = Sequence(prompt.tokens, length, 0.0, choice, choice.finish, index)
        return choice

    def begin(self, now: float) -> None:
        """Hand the sequences to the engine."""
        self.connection.on_disconnect = self.abort
        if self.streamed:
            self.connection.start_stream()
        for choice in self.choices:
            assert choice.sequence is not None
            choice.sequence.arrived = now
            self.engine.submit(choice.sequence)

    def abort(self) -> None:
        """Stop all sequences; nobody is told."""
        for choice in self.choices:
            assert choice.sequence is not None
            self.engine.abort(choice.sequence)
        self._finished(self)

    def cut(self, message: str) -> None:
        """Stop, and tell the client why: in a stream by an error event, since its status is sent."""
        connection = self.connection
        connection.on_disconnect = None
        self.abort()
        if self.streamed:
            connection.write(event(error_body(503, message)) + DONE)
            connection.end_stream()
        else:
            connection.respond_json(503, error_body(503, message))

    # What choices call

    def write_first(self, choice: Choice, piece: str) -> None:
        """The first token, in chat after the chunk with the role."""
        opening = b""
        if self.shape.chat:
            opening = self.shape.first(choice.index, self.used(choice, 0) if self.continuous_usage else None)
        if self.asked.echo:
            piece = choice.prompt.text + piece
        if self.continuous_usage:
            body = self.with_usage(choice, piece)
        else:
            body = choice.before + json_text(piece) + choice.after
        self.connection.write(opening + body)
        if self.failure == "stream_error":
            self.cut("The engine failed (a failure on purpose).")
        elif self.failure == "disconnect":
            self.connection.drop()

    def write_with_usage(self, choice: Choice, piece: str) -> None:
        """A token with the usage so far."""
        self.connection.write(self.with_usage(choice, piece))

    def with_usage(self, choice: Choice, piece: str) -> bytes:
        """The event of a token with the usage so far."""
        assert choice.sequence is not None
        counted = event({"usage": self.used(choice, choice.sequence.generated)})[7:]
        return choice.before + json_text(piece) + choice.after[:-3] + b"," + counted

    def write_last(self, choice: Choice, piece: str) -> None:
        """The last token; alone it is also the first."""
        sequence = choice.sequence
        assert sequence is not None
        alone = sequence.generated == 1
        opening = self.shape.first(choice.index, None) if alone and self.shape.chat else b""
        if alone and self.asked.echo:
            piece = choice.prompt.text + piece
        used = self.used(choice, sequence.generated) if self.continuous_usage else None
        final = self.shape.last(choice.index, piece, choice.finish, choice.stop, used, not self.asked.usage)
        self.connection.write(opening + final)

    def end(self, choice: Choice) -> None:
        """One answer is complete; after the last one the request is."""
        self.left -= 1
        if self.left:
            return
        total = usage(sum(prompt.tokens for prompt in self.asked.prompts), self.generated)
        if self.streamed:
            tail = self.shape.usage_chunk(total) if self.asked.usage else b""
            self.connection.write(tail + DONE)
            self.connection.end_stream()
        else:
            choices = [
                self.shape.choice(one.index, "".join(one.text), one.finish, one.stop) for one in self.choices
            ]
            self.connection.respond(200, self.shape.whole(choices, total))
        self._finished(self)

    @property
    def generated(self) -> int:
        """Tokens of all answers."""
        return sum(choice.sequence.generated for choice in self.choices if choice.sequence)

    def used(self, choice: Choice, generated: int) -> dict[str, Any]:
        """Usage of one answer so far."""
        return usage(choice.prompt.tokens, generated)
