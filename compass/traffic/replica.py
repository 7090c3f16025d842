"""One replica with continuous batching, iteration by iteration, in virtual time.

The scheduler is that of vLLM V1: a step decodes every running sequence first and gives what is left of
`max_num_batched_tokens` to prompts in order of arrival, in chunks; a prompt starts when a sequence slot
and KV memory for all of it are free; when decoding runs out of KV memory, the youngest sequence is
preempted and computed again later. Steps between two arrivals or completions differ only by the growing
context, so that they are advanced together: their durations are an arithmetic series.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import inf, sqrt

import numpy as np

from compass.capacity import FloatArray, LatencyProfile
from compass.core import InvalidInput

BLOCK_WASTE = 8
"""Tokens of KV memory that a sequence wastes on average: half of vLLM's default block of 16."""


@dataclass
class ReplicaRun:
    """What happened to each request of a replica, in milliseconds; arrays of shape (requests,)."""

    arrival: FloatArray
    start: FloatArray
    """When its prefill began."""
    first: FloatArray
    end: FloatArray
    outputs: FloatArray
    steps: int
    busy_ms: float
    sequence_ms: float
    """Integral over time of the number of decoding sequences."""
    prefilled_tokens: int
    preemptions: int
    gap_ms: FloatArray = field(default_factory=lambda: np.zeros(0))
    """Gaps between tokens, one entry for steps alike; empty unless asked for."""
    gap_count: FloatArray = field(default_factory=lambda: np.zeros(0))
    thinking: FloatArray | None = None
    """Tokens of each request before its answer; None where there are none."""

    @property
    def first_answer(self) -> FloatArray:
        """When the first token of each answer came; the tokens before it took its own mean gap."""
        if self.thinking is None:
            return self.first
        gap = (self.end - self.first) / np.maximum(self.outputs - 1, 1)
        return np.asarray(self.first + gap * np.minimum(self.thinking, self.outputs - 1))


def decode_table(profile: LatencyProfile) -> list[float]:
    """Decode time of a step for 0 … max_num_seqs sequences, without the KV term."""
    sequences = np.arange(profile.max_num_seqs + 1.0)
    table = np.interp(sequences, profile.batch, profile.decode_ms)
    if len(profile.batch) > 1 and profile.max_num_seqs > profile.batch[-1]:
        rise = profile.decode_ms[-1] - profile.decode_ms[-2]
        slope = max(0.0, rise / (profile.batch[-1] - profile.batch[-2]))
        beyond = sequences > profile.batch[-1]
        table[beyond] = profile.decode_ms[-1] + slope * (sequences[beyond] - profile.batch[-1])
    table[0] = profile.decode_ms[0]
    return [float(value) for value in table]


def longest_request(profile: LatencyProfile) -> int:
    """Tokens, prompt and answer together, of the longest request that a scheduler can run."""
    return int(min(profile.max_model_len, profile.kv_capacity_tokens - BLOCK_WASTE))


def check_lengths(profile: LatencyProfile, prompts: Sequence[int], outputs: Sequence[int]) -> None:
    """Refuse requests that no scheduler could ever run.

    Raises:
        InvalidInput: a request is longer than the context window or than all KV memory.
    """
    longest = max((p + o for p, o in zip(prompts, outputs, strict=True)), default=0)
    if longest > profile.max_model_len:
        raise InvalidInput(
            "prompt_tokens",
            f"a request of {longest:,} tokens is longer than the context of {profile.max_model_len:,}.",
        )
    if longest + BLOCK_WASTE > profile.kv_capacity_tokens:
        raise InvalidInput(
            "prompt_tokens",
            f"a request of {longest:,} tokens does not fit into KV memory for "
            f"{profile.kv_capacity_tokens:,} tokens.",
        )


def run_replica(
    profile: LatencyProfile,
    arrivals: list[float],
    prompts: list[int],
    outputs: list[int],
    closed: bool = False,
    gaps: bool = False,
) -> ReplicaRun:
    """Serve requests in order of arrival until all are done.

    `closed`: only the first `len(arrivals)` requests come by themselves, each completion sends the next.
    `gaps`: also collect the gaps between tokens.

    Raises:
        InvalidInput: a request can never fit.
    """
    check_lengths(profile, prompts, outputs)
    try:
        next(serve(profile, [*arrivals, inf], prompts, outputs, len(prompts), inf, closed, gaps))
    except StopIteration as stop:
        run: ReplicaRun = stop.value
        return run
    raise AssertionError("a replica without a horizon runs to its end")


def serve(  # noqa: C901 - one loop on purpose: a call per step would double its time
    profile: LatencyProfile,
    arrivals: list[float],
    prompts: list[int],
    outputs: list[int],
    count: int,
    horizon: float,
    closed: bool = False,
    gaps: bool = False,
) -> Generator[int, float, ReplicaRun]:
    """Serve a replica whose requests a router may still choose; see `run_replica` for the rest.

    `arrivals` ends with the time up to which its contents are known (`horizon`); the caller appends
    requests to the three lists, never more than `count`. Yields the number of requests inside when the
    horizon is reached, and takes the next horizon (infinite: no more requests will come).
    """
    overhead = profile.request_overhead_ms
    decode, kv = decode_table(profile), profile.kv_ms_per_token
    linear, square = profile.prefill_ms_per_token, profile.prefill_ms_per_token_squared
    budget_of_step, max_sequences = profile.max_num_batched_tokens, profile.max_num_seqs
    memory = profile.kv_capacity_tokens
    start, first, end = [0.0] * count, [0.0] * count, [0.0] * count
    running: list[int] = []  # a heap of (step of the last token) * count + request
    again: list[tuple[int, int]] = []  # preempted: request and tokens to compute anew, oldest last
    generated: dict[int, int] = {}  # tokens that a preempted request had
    gap_ms: list[float] = []
    gap_count: list[int] = []
    now = busy = sequence_ms = 0.0
    steps = decoding = context = used = head = preemptions = prefilled = 0
    chunked, chunk_done, chunk_size = -1, 0, 0
    arrival = arrivals[0]
    while True:
        while now >= horizon:
            horizon = yield decoding + (chunked >= 0) + len(again) + len(arrivals) - 1 - head
            arrivals[-1] = horizon
            arrival = arrivals[head]
        while used + decoding > memory and (decoding > 1 or (decoding and chunked >= 0)):
            preemptions += 1
            if chunked >= 0:
                again.append((chunked, chunk_size))
                used -= chunk_size + BLOCK_WASTE
                chunked = -1
                continue
            key = max(running, key=lambda entry: entry % count)
            running.remove(key)
            heapify(running)
            victim = key % count
            generated[victim] = outputs[victim] - (key // count - steps)
            size = prompts[victim] + generated[victim]
            again.append((victim, size))
            context -= size
            used -= size + BLOCK_WASTE
            decoding -= 1
        prefill_ms = 0.0
        if arrival <= now or chunked >= 0 or again:
            fresh: list[int] = []
            budget = budget_of_step - decoding
            if chunked >= 0 and budget > 0:
                take = min(budget, chunk_size - chunk_done)
                prefill_ms = take * (linear + square * (chunk_done + take / 2))
                chunk_done += take
                budget -= take
                prefilled += take
                if chunk_done == chunk_size:
                    fresh.append(chunked)
                    chunked = -1
            while budget > 0 and decoding + len(fresh) < max_sequences:
                if again:
                    request, size = again[-1]
                elif arrival <= now:
                    request, size = head, prompts[head]
                else:
                    break
                if used + size + BLOCK_WASTE + decoding >= memory and (decoding or fresh):
                    break
                if again:
                    again.pop()
                else:
                    start[request] = now
                    head += 1
                    arrival = arrivals[head]
                used += size + BLOCK_WASTE
                take = size
                if size > budget:
                    chunked, chunk_done, chunk_size, take = request, budget, size, budget
                else:
                    fresh.append(request)
                prefill_ms += take * (linear + square * take / 2)
                budget -= take
                prefilled += take
        if prefill_ms:
            k = 1
            took = decode[decoding] + kv * context + prefill_ms
        elif decoding:
            k = running[0] // count - steps
            took = base = decode[decoding] + kv * context
            if k > 1:
                growth = kv * decoding
                wait = arrival - now
                if 0.0 < wait < k * base:
                    half = base - growth / 2
                    k = min(k, -int(-2 * wait // (half + sqrt(half * half + 2 * growth * wait))))
                if used + k * decoding > memory:
                    k = max(1, (memory - used) // decoding)
                took = k * base + growth * (k * (k - 1) / 2)
        elif arrival == inf:
            break
        else:
            now = arrival
            continue
        now += took
        busy += took
        if decoding:
            sequence_ms += took * decoding
            if gaps:
                gap_ms.append(took / k)
                gap_count.append(k * decoding)
            steps += k
            context += k * decoding
            used += k * decoding
            limit = (steps + 1) * count
            while running and running[0] < limit:
                request = heappop(running) % count
                end[request] = now
                decoding -= 1
                size = prompts[request] + outputs[request]
                context -= size
                used -= size + BLOCK_WASTE
                if closed and len(arrivals) <= count:
                    arrivals[-1] = now + overhead
                    arrivals.append(inf)
                    arrival = arrivals[head]
        if prefill_ms:
            for request in fresh:
                had = generated.pop(request, 0) if generated else 0
                if not had:
                    first[request] = now
                left = outputs[request] - had - 1
                size = prompts[request] + had + 1
                if left:
                    heappush(running, (steps + left) * count + request)
                    decoding += 1
                    context += size
                    used += 1
                    continue
                end[request] = now
                used -= size - 1 + BLOCK_WASTE
                if closed and len(arrivals) <= count:
                    arrivals[-1] = now + overhead
                    arrivals.append(inf)
                    arrival = arrivals[head]
    served = len(prompts)
    return ReplicaRun(
        arrival=np.array(arrivals[:served]),
        start=np.array(start[:served]),
        first=np.array(first[:served]) + overhead,
        end=np.array(end[:served]) + overhead,
        outputs=np.array(outputs, float),
        steps=steps,
        busy_ms=busy,
        sequence_ms=sequence_ms,
        prefilled_tokens=prefilled,
        preemptions=preemptions,
        gap_ms=np.array(gap_ms),
        gap_count=np.array(gap_count, float),
    )
