"""Continuous batching without a clock: which requests share the next step, and how long it takes.

The rules are those of vLLM's V1 scheduler: running requests first, each decoding sequence takes one token of
the step's budget, prompts take the rest in chunks, first come first served; KV cache in blocks of 16 tokens;
when no block is left the youngest running request is preempted and computes its tokens again later.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from simulator.profile import Profile

BLOCK = 16


class Finish(StrEnum):
    """Why a sequence ended, in vLLM's words."""

    STOP = "stop"
    LENGTH = "length"
    ABORT = "abort"
    ERROR = "error"


class Sink(Protocol):
    """Who hears of a sequence's tokens."""

    def token(self, sequence: "Sequence", last: bool) -> None:
        """One token is there; `last` when the sequence has ended."""
        ...


@dataclass(slots=True, eq=False)
class Sequence:
    """One answer in the making; times in seconds of the event loop's clock."""

    prompt_tokens: int
    output_tokens: int
    arrived: float
    sink: Sink
    finish: Finish = Finish.LENGTH
    index: int = 0
    computed: int = 0
    generated: int = 0
    blocks: int = 0
    preemptions: int = 0
    done: bool = False
    queued: float = 0.0
    scheduled: float = 0.0
    first_token: float = 0.0
    last_token: float = 0.0


@dataclass(slots=True)
class Step:
    """One engine step: each sequence with the tokens it computes, and the duration."""

    work: list[tuple[Sequence, int]] = field(default_factory=list)
    duration_ms: float = 0.0
    tokens: int = 0


class Scheduler:
    """The queues and the cache of one replica."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.blocks = max(1, profile.kv_capacity_tokens // BLOCK)
        self.free_blocks = self.blocks
        self.waiting: deque[Sequence] = deque()
        self.running: list[Sequence] = []
        self.preemptions = 0

    @property
    def context_limit(self) -> int:
        """Tokens of the longest sequence that can be served: the cache must hold it alone."""
        return min(self.profile.max_model_len, self.blocks * BLOCK)

    @property
    def cache_usage(self) -> float:
        """Share of the KV cache in use, 0 to 1."""
        return 1 - self.free_blocks / self.blocks

    def add(self, sequence: Sequence) -> None:
        """Queue a sequence."""
        self.waiting.append(sequence)

    def next_step(self, now: float) -> Step | None:
        """The next step, or None when there is nothing to do."""
        step = Step()
        budget = self.profile.max_num_batched_tokens
        preempted = False
        position = 0
        while position < len(self.running) and budget > 0:
            sequence = self.running[position]
            tokens = min(sequence.prompt_tokens + sequence.generated - sequence.computed, budget)
            while not (fits := self.reserve(sequence, tokens)):
                preempted = True
                if self.preempt_youngest() is sequence:
                    break
            if fits:
                step.work.append((sequence, tokens))
                budget -= tokens
                position += 1
        if not preempted:
            self.admit(step, budget, now)
        if not step.work:
            return None
        self.measure(step)
        return step

    def admit(self, step: Step, budget: int, now: float) -> None:
        """Move waiting sequences into the step while budget, seats and cache last."""
        while self.waiting and budget > 0 and len(self.running) < self.profile.max_num_seqs:
            sequence = self.waiting[0]
            tokens = min(sequence.prompt_tokens + sequence.generated - sequence.computed, budget)
            if not self.reserve(sequence, tokens):
                return
            self.waiting.popleft()
            self.running.append(sequence)
            if not sequence.scheduled:
                sequence.scheduled = now
            step.work.append((sequence, tokens))
            budget -= tokens

    def reserve(self, sequence: Sequence, tokens: int) -> bool:
        """Take the blocks that `tokens` more need; False when there are not enough."""
        needed = -(-(sequence.computed + tokens) // BLOCK) - sequence.blocks
        if needed > self.free_blocks:
            return False
        if needed > 0:
            sequence.blocks += needed
            self.free_blocks -= needed
        return True

    def release(self, sequence: Sequence) -> None:
        """Give a sequence's blocks back."""
        self.free_blocks += sequence.blocks
        sequence.blocks = 0

    def preempt_youngest(self) -> Sequence:
        """Send the last admitted sequence back to the head of the queue; it starts over."""
        sequence = self.running.pop()
        self.release(sequence)
        sequence.computed = 0
        sequence.preemptions += 1
        self.preemptions += 1
        self.waiting.appendleft(sequence)
        return sequence

    def measure(self, step: Step) -> None:
        """Duration of the step by the profile."""
        decoding = context = prompt = 0
        attention = 0.0
        for sequence, tokens in step.work:
            if tokens == 1 and sequence.generated:
                decoding += 1
                context += sequence.computed + 1
            else:
                prompt += tokens
                attention += tokens * (sequence.computed + tokens / 2)
        step.tokens = decoding + prompt
        step.duration_ms = self.profile.step_ms(decoding, context, prompt, attention)

    def complete(self, step: Step) -> list[Sequence]:
        """Account for a step that has passed; the sequences that have a new token."""
        emitted = []
        ended = False
        for sequence, tokens in step.work:
            if sequence.done:
                continue
            sequence.computed += tokens
            if sequence.computed == sequence.prompt_tokens + sequence.generated:
                sequence.generated += 1
                emitted.append(sequence)
                if sequence.generated >= sequence.output_tokens:
                    sequence.done = ended = True
                    self.release(sequence)
        if ended:
            self.running = [sequence for sequence in self.running if not sequence.done]
        return emitted

    def abort(self, sequence: Sequence) -> None:
        """Take a sequence out, wherever it is."""
        if sequence.done:
            return
        sequence.done = True
        sequence.finish = Finish.ABORT
        self.release(sequence)
        if sequence in self.running:
            self.running.remove(sequence)
        elif sequence in self.waiting:
            self.waiting.remove(sequence)
