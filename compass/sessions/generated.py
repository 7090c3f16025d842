"""Sessions drawn from a shape: each turn is followed by the next one, each session by a new one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from compass.sessions.engine import Turn
from compass.sessions.simulation import BLOCK_TOKENS
from compass.traffic import LENGTH_CV, SessionShape, lengths

MOST_BLOCKS = 1 << 24
"""Of the history of one session; also what tells the blocks of sessions apart."""


@dataclass
class OpenSession:
    """A session that goes on: its number, the blocks of its history, and the turn it is at."""

    number: int
    turn: int
    prompt_tokens: int


class GeneratedSessions:
    """A constant number of sessions of one shape; answers and pauses vary as in plans."""

    def __init__(
        self,
        shape: SessionShape,
        sessions: int,
        seed: int = 1,
        block_tokens: int = BLOCK_TOKENS,
        finds: bool = True,
    ) -> None:
        self.finds = finds
        """False: nothing of a prompt is ever found, as of models whose engine has no prefix cache."""
        self.shape, self.sessions, self.block_tokens = shape, sessions, block_tokens
        self.rng = np.random.default_rng(seed)
        self.open: dict[int, OpenSession] = {}
        self.histories = 0
        self.means = np.array([pause.seconds for pause in shape.pauses])
        self.shares = np.array([pause.share for pause in shape.pauses])

    def begin(self) -> Iterator[Turn]:
        """The sessions in the middle of their turns, spread over the mean time between two."""
        for name in range(self.sessions):
            at = int(self.rng.integers(0, self.shape.turns))
            self.open[name] = OpenSession(self._history(), at, int(self.shape.prompts[at]))
            yield self._turn(name, float(self.rng.random() * (self.shape.pause_s + 1.0) * 1000.0))

    def after(self, turn: Turn) -> Turn:
        """The session's next turn, or the first of a new session."""
        state, shape = self.open[turn.session], self.shape
        pause_ms = 1000.0 * float(self.rng.exponential(self.rng.choice(self.means, p=self.shares)))
        state.turn += 1
        first = shape.shared_tokens + shape.first_tokens
        if state.turn >= shape.turns:
            self.open[turn.session] = OpenSession(self._history(), 0, first)
            return self._turn(turn.session, turn.end + pause_ms)
        state.prompt_tokens += turn.output_tokens - shape.thinking_tokens + shape.turn_tokens
        room = shape.window_tokens - shape.output_tokens
        if state.prompt_tokens > room:
            summary = shape.shared_tokens + shape.kept_share * (room - shape.shared_tokens)
            state.number, state.prompt_tokens = self._history(), int(max(summary, first))
        return self._turn(turn.session, turn.end + pause_ms)

    def _history(self) -> int:
        self.histories += 1
        return self.histories

    def _turn(self, name: int, arrival: float) -> Turn:
        state, size = self.open[name], self.block_tokens
        output = int(lengths(self.rng, self.shape.output_tokens, LENGTH_CV, 1)[0])
        output = min(output, 2 * self.shape.output_tokens)
        shared = self.shape.shared_tokens // size if self.finds else 0
        if not self.finds:
            state.number = self._history()
        blocks = state.prompt_tokens // size
        base = state.number * MOST_BLOCKS
        hashes = [*range(min(shared, blocks)), *range(base + shared, base + max(blocks, shared))]
        until = blocks if self.shape.thinking_tokens else (state.prompt_tokens + output) // size
        return Turn(
            arrival=arrival,
            session=name,
            history=state.number,
            prompt_tokens=state.prompt_tokens,
            output_tokens=max(1, output),
            hashes=hashes,
            answer_hashes=range(base + max(blocks, shared), base + max(until, blocks, shared)),
        )
