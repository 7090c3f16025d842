"""What a Python program asks of Compass: plans, estimates, capacities and look-ups, in this process.

Everything is computed from the catalog and the measured runs that are installed with the package, and from
runs of one's own: no database and no network is needed, and the same input gives the same answer.
"""

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from compass.benchmarks import Run, shipped_runs
from compass.capacity import CompiledBatch, Estimator, LatencyProfile, closed_loop_profile
from compass.catalog import Catalog, Gpu, Model, find_gpu, find_model, load_catalog
from compass.comparison import Comparison, Side, compare_alternatives
from compass.core import Evidence, Frozen, Interval, InvalidInput, Percentile
from compass.deployment_capacity import CapacityAnswer, deployment_capacity
from compass.planning import (
    Option,
    Plan,
    SearchSpace,
    Specification,
    Wishes,
    as_served,
    find_candidate,
    make_plan,
    replica_of,
    specify,
    verify_plan,
)
from compass.traffic import LENGTH_CV, Constraint, Workload, binding, capacity, open_load, stack


class ReplicaMemory(Frozen):
    """Memory of one GPU of a replica, in GiB, and what the whole replica's KV cache holds."""

    weights_gib: float
    runtime_gib: float
    """Activations, buffers and CUDA graphs."""
    usable_gib: float
    """What the engine may use: GPU memory × `--gpu-memory-utilization` (0.9)."""
    kv_cache_tokens: int
    """Of the whole replica; 0 where weights and runtime leave no room."""

    @property
    def fits(self) -> bool:
        """True if there is room for a KV cache beside weights and runtime."""
        return self.kv_cache_tokens > 0


class ReplicaEstimate(Frozen):
    """Typical latencies of one replica that serves a constant number of requests, with 80 % intervals."""

    concurrency: float
    ttft_ms: Interval
    itl_ms: Interval
    e2e_ms: Interval
    requests_per_second: float
    """By Little's law: concurrency ÷ E2E."""
    output_tokens_per_second: float
    evidence: Evidence


class ReplicaCapacity(Frozen):
    """The highest load at which one replica holds every target, requests arriving as a Poisson process."""

    requests_per_second: float
    """0 where a target breaks at any load."""
    concurrency: float
    """Requests in flight at that rate, by Little's law."""
    breaks_first: Constraint
    """What stops it from carrying more."""
    ttft_ms: float
    """At the targets' percentile and the highest rate, as the two that follow."""
    itl_ms: float
    e2e_ms: float


class Compass:
    """The planner over one catalog and one set of measured runs. `compass.open()` makes one."""

    def __init__(self, catalog: Catalog, estimator: Estimator) -> None:
        self.catalog = catalog
        """Models, GPUs, prices and use cases, each with its source."""
        self.estimator = estimator

    @cached_property
    def search_space(self) -> SearchSpace:
        """Every configuration of the catalog, evaluated once; about a second at the first plan."""
        return SearchSpace(self.catalog, self.estimator)

    def find_model(self, name: str) -> Model:
        """Return the catalog's model that a name means: "Llama-3.1-8B", or a Hugging Face id.

        Raises:
            NotFound: names the nearest.
        """
        return find_model(self.catalog, name)

    def find_gpu(self, name: str) -> Gpu:
        """Return the catalog's GPU that a name means: "L40S", "H100-SXM".

        Raises:
            NotFound: names the nearest.
        """
        return find_gpu(self.catalog, name)

    def specify(self, wishes: Wishes | None = None, **fields: Any) -> Specification:
        """Return targets (ms), token lengths and load (requests/s) for some wishes, with every assumption.

        Give `Wishes`, or their fields as keywords: `specify(user_count=5000, ttft_ms=300)`.

        Raises:
            InvalidInput: a number that cannot be, or no such field; names it.
            NotFound: an unknown use case, class, model or GPU; names the nearest.
        """
        return specify(self.catalog, (wishes or Wishes()).changed(**fields))

    def plan(self, wishes: Wishes | None = None, **fields: Any) -> Plan:
        """Return ranked options for some wishes, each simulated, with what lost and why.

        Wishes are given as for `specify`. `plan.options[0]` is the balanced option; where nothing holds the
        targets, `plan.options` is empty and `plan.relaxations` says what would.

        Raises:
            InvalidInput: a number that cannot be, or no such field; names it.
            NotFound: an unknown use case, class, model or GPU; names the nearest.
        """
        return verify_plan(self.search_space, make_plan(self.search_space, self.specify(wishes, **fields)))

    def memory(
        self, model: str, gpu: str, *, precision: str | None = None, tensor_parallel: int = 1
    ) -> ReplicaMemory:
        """Return the memory of one replica on `tensor_parallel` GPUs, as vLLM divides it.

        `precision` (bf16, fp8, int4 …) may be left out where the model is published in one alone.

        Raises:
            InvalidInput: a precision in which the model is not published, or heads that do not divide.
            NotFound: an unknown model or GPU; names the nearest.
        """
        return memory_of(self._compiled(model, gpu, precision, tensor_parallel))

    def estimate(
        self,
        model: str,
        gpu: str,
        *,
        concurrency: float,
        prompt_tokens: int,
        output_tokens: int,
        precision: str | None = None,
        tensor_parallel: int = 1,
    ) -> ReplicaEstimate:
        """Return TTFT, ITL and E2E (ms) of one replica that always has `concurrency` requests in flight.

        Raises:
            InvalidInput: as `memory`; or the replica does not fit into its GPUs.
            NotFound: an unknown model or GPU; names the nearest.
        """
        batch = self._fitting(model, gpu, precision, tensor_parallel)
        seen = batch.predict(np.array([float(concurrency)]), prompt_tokens, output_tokens)
        ttft = interval(seen.ttft_ms[0, 0], seen.ttft_log_spread[0, 0])
        itl = interval(seen.itl_ms[0, 0], seen.itl_log_spread[0, 0])
        steps = output_tokens - 1
        e2e = Interval(
            value=ttft.value + itl.value * steps,
            low=ttft.low + itl.low * steps,
            high=ttft.high + itl.high * steps,
        )
        rate = 1000.0 * concurrency / e2e.value
        return ReplicaEstimate(
            concurrency=concurrency,
            ttft_ms=ttft,
            itl_ms=itl,
            e2e_ms=e2e,
            requests_per_second=rate,
            output_tokens_per_second=rate * output_tokens,
            evidence=self.estimator.evidence_of(int(seen.nearest_run[0]), float(seen.distance[0])),
        )

    def capacity(
        self,
        model: str,
        gpu: str,
        *,
        prompt_tokens: int,
        output_tokens: int,
        ttft_ms: float,
        itl_ms: float,
        e2e_ms: float,
        percentile: Percentile = "p95",
        precision: str | None = None,
        tensor_parallel: int = 1,
    ) -> ReplicaCapacity:
        """Return the highest rate (requests/s) at which one replica holds all three targets (ms).

        Lengths vary around their means as in a plan (coefficient of variation 0.25).

        Raises:
            InvalidInput: as `estimate`; or a target that is no positive number.
            NotFound: an unknown model or GPU; names the nearest.
        """
        batch = self._fitting(model, gpu, precision, tensor_parallel)
        profiles = stack([closed_loop_profile(batch, prompt_tokens, output_tokens)])
        workload = Workload(prompt_tokens, output_tokens, LENGTH_CV, LENGTH_CV)
        limits = (ttft_ms, itl_ms, e2e_ms, math.inf)
        highest = capacity(profiles, workload, limits, percentile)
        rate = float(highest.rate_per_s[0])
        at = open_load(profiles, rate, workload)
        return ReplicaCapacity(
            requests_per_second=rate,
            concurrency=rate * float(at.e2e("mean")[0, 0]) / 1000.0,
            breaks_first=binding(profiles, workload, limits, percentile, highest.breaking_per_s)[0],
            ttft_ms=float(at.ttft(percentile)[0, 0]),
            itl_ms=float(at.itl(percentile)[0, 0]),
            e2e_ms=float(at.e2e(percentile)[0, 0]),
        )

    def deployment_capacity(
        self, wishes: Wishes | None = None, *, asked: Iterable[str] = (), **fields: Any
    ) -> CapacityAnswer:
        """Return what given GPUs carry of a model: every arrangement, the best, a verdict, what would help.

        Wishes are given as for `specify`: `preferred_gpu_types` and `gpu_count` name the hardware,
        `preferred_models` or `model_parameters_b` the model (neither: models that fit are suggested).
        `asked` names the figures in question: fits, max_context, concurrency, throughput, latency, duration.

        Raises:
            InvalidInput: a number that cannot be, an unknown format, or no such field; names it.
            NotFound: an unknown use case or class; names the nearest.
        """
        wanted = (wishes or Wishes()).changed(**fields)
        return deployment_capacity(self.catalog, self.estimator, wanted, asked)

    def compare(
        self,
        alternatives: Iterable[Side] = (),
        wishes: Wishes | None = None,
        *,
        asked: Iterable[str] = (),
        **fields: Any,
    ) -> Comparison:
        """Return named alternatives side by side at the load of the wishes, else each at its full load.

        A `Side` names what is its own (gpu, gpu_count, model, precision, price); the wishes hold what is
        common. A side without a number of GPUs gets as many as the load asks for.

        Raises:
            InvalidInput: a number that cannot be, an unknown format, or no such field; names it.
            NotFound: an unknown use case or class; names the nearest.
        """
        wanted = (wishes or Wishes()).changed(**fields)
        return compare_alternatives(self.catalog, self.estimator, wanted, alternatives, asked)

    def replica(self, option: Option, specification: Specification) -> LatencyProfile:
        """Return the step times (ms) of one replica of an option: what simulations and simulators run on.

        Raises:
            NotFound: the catalog lacks the option's model, checkpoint or GPU.
        """
        return replica_of(option, as_served(specification, option), self.catalog, self.estimator)

    def _compiled(self, model: str, gpu: str, precision: str | None, tensor_parallel: int) -> CompiledBatch:
        candidate = find_candidate(self.catalog, model, gpu, precision, tensor_parallel)
        heads = candidate.model.architecture.attention_heads
        if tensor_parallel < 1 or heads % tensor_parallel:
            raise InvalidInput(
                "tensor_parallel",
                f"{tensor_parallel} does not divide {candidate.model.name}'s {heads} attention heads.",
            )
        return self.estimator.compile([candidate.configuration])

    def _fitting(self, model: str, gpu: str, precision: str | None, tensor_parallel: int) -> CompiledBatch:
        batch = self._compiled(model, gpu, precision, tensor_parallel)
        memory = memory_of(batch)
        if not memory.fits:
            needed = memory.weights_gib + memory.runtime_gib
            raise InvalidInput(
                "gpu",
                f"{batch.configs[0].model} does not fit: {needed:.1f} GiB of weights and runtime on each of "
                f"{tensor_parallel} × {batch.configs[0].gpu.name}, which offers {memory.usable_gib:.1f}. "
                "A higher tensor_parallel or a smaller precision would.",
            )
        return batch


def open(runs: Iterable[Run] = ()) -> Compass:  # `compass.open()`, as `wave.open()`
    """Return a planner over the installed catalog and measured runs, and over runs of one's own.

    Models that were added by `compass models add` are part of the catalog.

    Raises:
        InvalidInput: a data file of one's own that cannot be read; names it.
    """
    catalog = load_catalog()
    own = list(runs)
    estimator = Estimator.from_runs([*shipped_runs(), *own], catalog) if own else Estimator.for_plans()
    return Compass(catalog, estimator)


def memory_of(batch: CompiledBatch) -> ReplicaMemory:
    """Memory of the batch's only configuration."""
    memory = batch.memory
    return ReplicaMemory(
        weights_gib=float(memory.weights_gib[0]),
        runtime_gib=float(memory.runtime_gib[0]),
        usable_gib=float(memory.usable_gib[0]),
        kv_cache_tokens=int(memory.kv_capacity_tokens[0]),
    )


def interval(value: float, log_spread: float) -> Interval:
    """A figure with its 80 % interval, `value × exp(± spread)`."""
    width = float(np.exp(log_spread))
    return Interval(value=float(value), low=float(value) / width, high=float(value) * width)
