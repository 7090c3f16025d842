"""One replica that serves turns of sessions out of a real prefix cache, in virtual time.

The scheduler is that of `compass.traffic.replica`; prompts compute only what the cache does not hold, and
blocks stay in the cache when a turn ends.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, inf

from compass.capacity import LatencyProfile
from compass.sessions.block_cache import BlockCache
from compass.traffic import decode_table


@dataclass
class Turn:
    """One request of a session; times in milliseconds."""

    arrival: float
    session: int
    history: int
    """Changes where a session begins anew, or with a summary."""
    prompt_tokens: int
    output_tokens: int
    hashes: Sequence[int]
    """Of the prompt's whole blocks."""
    answer_hashes: Sequence[int] = ()
    """Of the blocks of prompt and answer that the next turn may find, beyond `hashes`."""
    first: float = 0.0
    end: float = 0.0
    cached_tokens: int = 0
    loaded_tokens: int = 0
    """Of those from host memory."""
    left: int = 0
    """Prompt tokens still to compute."""
    written: int = 0
    """Tokens of the answer."""


@dataclass(frozen=True)
class HostTier:
    """Host memory behind the cache of a replica."""

    tokens: int
    ms_per_token: float
    """To load a token's KV cache back, over the links of all GPUs of the replica."""


@dataclass
class ReplicaEngine:
    """State of one replica; `blocks` are of `block_tokens`."""

    profile: LatencyProfile
    block_tokens: int
    host: HostTier | None = None
    now: float = 0.0
    queue: deque[Turn] = field(default_factory=deque)
    prefilling: list[Turn] = field(default_factory=list)
    running: list[Turn] = field(default_factory=list)
    preemptions: int = 0
    sessions: dict[int, int] = field(default_factory=dict)
    """Whose last turn came here, and the history that it had."""

    def __post_init__(self) -> None:
        """Prepare the cache and the step times."""
        host_blocks = self.host.tokens // self.block_tokens if self.host else 0
        self.cache = BlockCache(self.profile.kv_capacity_tokens // self.block_tokens, host_blocks)
        self.decode = decode_table(self.profile)

    @property
    def load(self) -> int:
        """Turns inside."""
        return len(self.queue) + len(self.prefilling) + len(self.running)

    def holds(self, hashes: Sequence[int]) -> int:
        """Return how many leading blocks of a prompt the replica has."""
        return sum(self.cache.found(hashes))

    def step(self, until: float) -> list[Turn]:
        """Advance by one step, or by many alike that end before `until`; return the turns that ended."""
        self._admit()
        budget, prefill_ms = self.profile.max_num_batched_tokens - len(self.running), 0.0
        fresh: list[Turn] = []
        for turn in self.prefilling:
            if budget <= 0:
                break
            take = min(budget, turn.left)
            seen = turn.prompt_tokens - turn.left
            square = self.profile.prefill_ms_per_token_squared
            prefill_ms += take * (self.profile.prefill_ms_per_token + square * (seen + take / 2))
            turn.left -= take
            budget -= take
            if not turn.left:
                fresh.append(turn)
        steps = 1
        context = sum([turn.prompt_tokens + turn.written for turn in self.running])
        took = self.decode[len(self.running)] + self.profile.kv_ms_per_token * context
        if not self.prefilling and self.running:
            steps = min([turn.output_tokens - turn.written for turn in self.running])
            if until < inf:
                steps = max(1, min(steps, ceil((until - self.now) / took)))
            if self.cache.free < len(self.running):
                steps = 1
            growth = self.profile.kv_ms_per_token * len(self.running)
            took = steps * took + growth * steps * (steps - 1) / 2
        self.now += took + prefill_ms
        ended = self._write(steps)
        return [*ended, *self._begin(fresh)]

    def _admit(self) -> None:
        """Start prompts in order of arrival while sequences and blocks are free."""
        while self.queue and len(self.running) + len(self.prefilling) < self.profile.max_num_seqs:
            turn = self.queue[0]
            here, beyond = self.cache.found(turn.hashes)
            need = self.cache.needed(turn.hashes, here) + 1
            if need > self.cache.free and (self.running or self.prefilling):
                return
            self.queue.popleft()
            self.cache.take(turn.hashes)
            self.cache.grow(1)
            turn.cached_tokens = min((here + beyond) * self.block_tokens, turn.prompt_tokens - 1)
            turn.loaded_tokens = min(beyond * self.block_tokens, turn.cached_tokens)
            turn.left = turn.prompt_tokens - turn.cached_tokens
            if self.host and turn.loaded_tokens:
                self.now += turn.loaded_tokens * self.host.ms_per_token
            self.prefilling.append(turn)

    def _write(self, steps: int) -> list[Turn]:
        """Write so many tokens of each running answer; return the turns that ended."""
        ended, size, blocks = [], self.block_tokens, 0
        for turn in self.running:
            written = turn.written + steps
            blocks += written // size - turn.written // size
            turn.written = written
            if written >= turn.output_tokens:
                ended.append(turn)
        if blocks:
            self.cache.grow(blocks)
        for turn in ended:
            self.running.remove(turn)
            self._finish(turn)
        while self.cache.free < 0 and len(self.running) > 1:
            self._preempt()
        return ended

    def _begin(self, fresh: list[Turn]) -> list[Turn]:
        """Give prompts that are computed their first token; return the turns that have only that."""
        ended = []
        for turn in fresh:
            self.prefilling.remove(turn)
            if not turn.written:
                turn.first = self.now + self.profile.request_overhead_ms
                turn.written = 1
            if turn.written >= turn.output_tokens:
                self._finish(turn)
                ended.append(turn)
            else:
                self.running.append(turn)
        return ended

    def _finish(self, turn: Turn) -> None:
        """Leave the blocks of a turn in the cache, those of its answer with them."""
        turn.end = self.now + self.profile.request_overhead_ms
        self.cache.grow(-(1 + turn.written // self.block_tokens))
        self.cache.take(turn.answer_hashes)
        self.cache.release([*turn.hashes, *turn.answer_hashes])

    def _preempt(self) -> None:
        """Send the youngest running turn back; what it wrote is computed again."""
        self.preemptions += 1
        turn = max(self.running, key=lambda one: one.arrival)
        self.running.remove(turn)
        self.cache.grow(-(1 + turn.written // self.block_tokens))
        self.cache.release(turn.hashes)
        self.queue.appendleft(turn)
