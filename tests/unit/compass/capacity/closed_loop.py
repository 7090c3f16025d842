"""A closed loop on a latency profile, step by step as the profile's docstring says."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import LatencyProfile

ROUNDS = 10
"""Requests a slot sends, all slots starting at once: how the shipped runs were measured."""


@dataclass
class Sequence:
    sent: float
    prompt: int
    output: int
    done: int = 0
    first: float = 0.0
    made: int = 0


def closed_loop(profile: LatencyProfile, concurrency: int, prompt: int, output: int) -> tuple[float, float]:
    """Mean TTFT and mean ITL in milliseconds."""
    rng = np.random.default_rng(0)
    left = ROUNDS * concurrency
    clock, ttft, itl = 0.0, [], []
    waiting: list[Sequence] = []
    running: list[Sequence] = []

    def send(count: int) -> None:
        nonlocal left
        for _ in range(min(count, left)):
            left -= 1
            waiting.append(Sequence(clock, prompt, max(2, int(output * rng.uniform(0.8, 1.0)))))

    send(concurrency)
    while waiting or running:
        budget = profile.max_num_batched_tokens - len(running)
        step = np.interp(max(len(running), 1), profile.batch, profile.decode_ms)
        step += profile.kv_ms_per_token * sum(s.prompt + s.made for s in running)
        started: list[Sequence] = []
        for sequence in waiting:
            chunk = min(budget, sequence.prompt - sequence.done)
            if chunk <= 0:
                break
            step += profile.prefill_ms_per_token * chunk
            step += profile.prefill_ms_per_token_squared * chunk * (sequence.done + chunk / 2)
            sequence.done += chunk
            budget -= chunk
            if sequence.done == sequence.prompt:
                started.append(sequence)
        clock += float(step)
        ended = 0
        for sequence in running:
            sequence.made += 1
            if sequence.made == sequence.output:
                itl.append((clock - sequence.first) / (sequence.output - 1))
                ended += 1
        running = [s for s in running if s.made < s.output]
        for sequence in started:
            waiting.remove(sequence)
            sequence.first, sequence.made = clock, 1
            ttft.append(clock - sequence.sent + profile.request_overhead_ms)
            running.append(sequence)
        send(ended)
    return float(np.mean(ttft)), float(np.mean(itl))
