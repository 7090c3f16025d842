"""An hour at 100 requests a second on five replicas; and the same engine in SimPy as the reference."""

import time
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from compass.capacity import Estimator, LatencyProfile
from compass.catalog import load_catalog
from compass.planning import candidate_profile, find_candidate
from compass.traffic import LENGTH_CV, Requests, arrival_times, lengths, simulate

PROMPT, OUTPUT, RATE, REPLICAS = 512, 256, 100.0, 5
SMALL_S = 60.0
"""Virtual seconds that SimPy is given: it would take minutes for the hour."""


def profile() -> LatencyProfile:
    """Qwen3-8B in fp8 on an H100."""
    candidate = find_candidate(load_catalog(), "Qwen3-8B", "H100", "fp8")
    return candidate_profile(candidate, Estimator.for_plans(), PROMPT, OUTPUT)


def stream(rate: float, seconds: float) -> Requests:
    """Poisson arrivals with spread lengths."""
    rng = np.random.default_rng(1)
    times = arrival_times(rng, rate, seconds)
    prompts, outputs = (lengths(rng, mean, LENGTH_CV, len(times)) for mean in (PROMPT, OUTPUT))
    return Requests(times, prompts, outputs)


def in_simpy(chosen: LatencyProfile, requests: Requests) -> float:
    """One replica with continuous batching as a SimPy process, an event a step; mean E2E in ms."""
    world = simpy.Environment()
    waiting: list[tuple[float, int, int]] = []
    ends: list[float] = []

    def arrive() -> Generator[Any, Any, None]:
        for at, prompt, output in zip(
            requests.arrival_ms, requests.prompt_tokens, requests.output_tokens, strict=True
        ):
            yield world.timeout(max(0.0, float(at) - world.now))
            waiting.append((float(at), int(prompt), int(output)))

    def engine() -> Generator[Any, Any, None]:
        running: list[list[float]] = []
        while len(ends) < len(requests):
            budget, prefill = chosen.max_num_batched_tokens, 0
            while waiting and prefill + waiting[0][1] <= budget:
                at, prompt, output = waiting.pop(0)
                prefill += prompt
                running.append([at, output, prompt])
            if not running:
                yield world.timeout(1.0)
                continue
            step = float(np.interp(len(running), chosen.batch, chosen.decode_ms))
            step += chosen.prefill_ms_per_token * prefill
            step += chosen.kv_ms_per_token * sum(entry[2] for entry in running)
            yield world.timeout(step)
            for entry in running:
                entry[1] -= 1
                entry[2] += 1
            ends.extend(world.now - entry[0] for entry in running if entry[1] <= 0)
            running = [entry for entry in running if entry[1] > 0]

    world.process(arrive())
    done = world.process(engine())
    world.run(until=done)
    return float(np.mean(ends))


def main() -> None:
    """Print seconds, requests a second and the ratio."""
    chosen = profile()
    hour = stream(RATE, 3600.0)
    began = time.perf_counter()
    seen = simulate(chosen, hour, REPLICAS, "random").summary()
    took = time.perf_counter() - began
    print(f"{len(hour):,} requests on {REPLICAS} replicas: {took:.2f} s (target 2 s), "
          f"{len(hour) / took:,.0f} requests/s, TTFT p95 {seen.ttft_ms.p95:.0f} ms")  # fmt: skip

    small = stream(RATE / REPLICAS, SMALL_S)
    began = time.perf_counter()
    mean = in_simpy(chosen, small)
    simpy_s = time.perf_counter() - began
    began = time.perf_counter()
    ours = simulate(chosen, small).summary()
    ours_s = time.perf_counter() - began
    print(f"{len(small):,} requests on one replica: SimPy {simpy_s:.2f} s, ours {ours_s * 1000:.0f} ms, "
          f"ratio {simpy_s / ours_s:.0f}; mean E2E {mean:.0f} and {ours.e2e_ms.mean:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
