"""Arguments and environment of `vllm serve` (0.33.0)."""

import json
import math
from typing import Any

from compass.catalog import Gpu, Model, ReasoningSwitches, reasoning_switches
from compass.manifests.slo import BOUNDS, target_seconds
from compass.planning import Option, Specification, start_seconds
from compass.speculation import engine_config

PORT = 8080
CACHE = "/home/vllm/.cache"
"""In every container of vLLM's public image, on no machine: the home of its user 2000."""
MAX_BATCHED_TOKENS = 8192
"""What the plan's simulation assumes; vLLM's own default is 2048 on GPUs below 70 GiB and on A100."""
DRAIN_S = 90
ENGINE_READY_S = 600


def context_length(option: Option, specification: Specification, model: Model) -> int:
    """The window that was said, else four times prompt and answer; at most what the model takes."""
    if specification.context_tokens is not None:
        needed = specification.prompt_tokens + specification.output_tokens
        return min(model.context_tokens, max(specification.context_tokens, needed))
    return min(
        model.context_tokens,
        -(-4 * (specification.prompt_tokens + specification.output_tokens) // 1024) * 1024,
    )


def most_sequences(option: Option, specification: Specification) -> int:
    """Twice the planned requests in flight, so that a burst is served; a batch job has none."""
    times = 1 if specification.load_form == "batch" else 2
    return max(8, math.ceil(option.concurrency_per_replica * times))


def serve_arguments(
    option: Option, specification: Specification, model: Model, gpu: Gpu, name: str, remote_code: bool
) -> tuple[str, ...]:
    """Return the arguments; the quantisation is left out, as the checkpoint states its own."""
    words = [
        option.checkpoint,
        f"--served-model-name={name}",
        f"--port={PORT}",
        f"--tensor-parallel-size={option.tensor_parallel}",
        f"--max-model-len={context_length(option, specification, model)}",
        "--gpu-memory-utilization=0.9",
        f"--max-num-seqs={most_sequences(option, specification)}",
        f"--max-num-batched-tokens={MAX_BATCHED_TOKENS}",
    ]
    if option.pipeline_parallel > 1:
        words.append(f"--pipeline-parallel-size={option.pipeline_parallel}")
    words += switches_of(option, specification, model).arguments
    if option.kv_cache == "fp8":
        words.append("--kv-cache-dtype=fp8")
    if option.speculation is not None:
        words.append(f"--speculative-config={engine_config(option.speculation)}")
    if gpu.vendor == "nvidia":
        # Known in 0.33.0; the images of other makers hold older releases.
        words += [
            f"--shutdown-timeout={DRAIN_S}",
            "--disable-access-log-for-endpoints=/health,/metrics,/ping",
            f"--custom-histogram-buckets={json.dumps(buckets(specification))}",
        ]
    if model.trust_remote_code and remote_code:
        words.append("--trust-remote-code")
    return tuple(words)


def switches_of(option: Option, specification: Specification, model: Model) -> ReasoningSwitches:
    """Return what makes the server reason, or not, as the option was planned."""
    budget = specification.thinking_tokens if "thinking_tokens" in specification.stated else None
    return reasoning_switches(model, option.reasoning, specification.reasoning_effort, budget)


def buckets(specification: Specification) -> dict[str, list[float]]:
    """Bounds of the latency histograms with each target among them, so that an alert counts exactly."""
    bounds = {family: {*map(float, family.bounds)} for family in BOUNDS}
    for family, mine in bounds.items():
        if (target := target_seconds(specification, family)) is not None:
            mine.add(target)
    return {family.buckets: sorted(mine) for family, mine in bounds.items()}


def engine_environment(model: Model, weight_gib: float, own_image: bool) -> tuple[dict[str, Any], ...]:
    """Return environment variables: caches on the volume; a token by reference where the model is gated.

    An image that is not vLLM's own need not know user 2000: a home that can be written and a name keep
    Python's getpass and the compilers' caches working.
    """
    ready = max(ENGINE_READY_S, math.ceil(start_seconds(weight_gib) * 2))
    variables: list[dict[str, Any]] = [
        {"name": "HF_HOME", "value": f"{CACHE}/huggingface"},
        {"name": "VLLM_NO_USAGE_STATS", "value": "1"},
        {"name": "VLLM_ENGINE_READY_TIMEOUT_S", "value": str(ready)},
    ]
    if own_image:
        variables += [{"name": "HOME", "value": CACHE}, {"name": "USER", "value": "vllm"}]
    if model.gated is not False:
        reference = {"name": "hf-token", "key": "HF_TOKEN", "optional": model.gated is None}
        variables.append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}})
    return tuple(variables)
