"""What the templates are filled with: typed values made from an option and its specification."""

import math
import re
from dataclasses import dataclass
from typing import Any

from tools.catalog import Gpu, Model
from tools.errors import InvalidInput
from tools.planning.types import Option, Specification

IMAGE = "vllm/vllm-openai:v0.33.0"
NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
# vLLM starts at a gigabyte or so of weights a second from a network volume, and compiles for minutes.
SECONDS_A_GIB, SECONDS_TO_COMPILE = 3.0, 300.0
# Bounds of vLLM's TTFT and ITL histograms, in seconds (vLLM 0.33.0, v1/metrics/loggers.py).
TTFT_BOUNDS = (
    0.001,
    0.005,
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.25,
    0.5,
    0.75,
    1.0,
    2.5,
    5.0,
    7.5,
    10.0,
    20.0,
    40.0,
)
ITL_BOUNDS = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0)
WINDOWS = ("5m", "30m", "1h", "6h")
BURN = (("page", "1h", "5m", 14.4), ("page", "6h", "30m", 6.0))
MOST_BURN = 0.9


@dataclass(frozen=True)
class Values:
    """One field for each name that a template uses; templates only place them."""

    comment: str
    name: str
    namespace: str
    labels: dict[str, str]
    option_id: str
    promise: str
    replicas: int
    min_replicas: int
    timeout_s: int
    product_label_key: str
    product_labels: tuple[str, ...]
    gpu_resource: str
    image: str
    args: tuple[str, ...]
    env: tuple[dict[str, Any], ...]
    requests: dict[str, str]
    limits: dict[str, str]
    startup_failures: int
    shm: str
    cache: str
    deployment: str
    prometheus: str
    query: str
    threshold: str
    groups: tuple[dict[str, Any], ...]


def default_name(option: Option) -> str:
    """A name that Kubernetes takes: "qwen3-8b-fp8"."""
    text = re.sub(r"[^a-z0-9]+", "-", f"{option.model.rsplit('/', 1)[-1]}-{option.precision}".lower())
    return text.strip("-")[:40].rstrip("-")


def check_name(field: str, name: str, longest: int) -> str:
    """A name that Kubernetes and KServe take.

    Raises:
        InvalidInput: says which letters may be used.
    """
    if not NAME.fullmatch(name) or len(name) > longest:
        raise InvalidInput(
            field,
            f'"{name[:60]}" is no Kubernetes name. Use lower-case letters, digits and dashes, a letter '
            f"first, {longest} at most.",
        )
    return name


def values_of(
    option: Option, wish: Specification, model: Model, gpu: Gpu, name: str, namespace: str
) -> Values:
    """Values of one deployment.

    Raises:
        InvalidInput: a name that Kubernetes does not take.
    """
    check_name("name", name, 40)
    check_name("namespace", namespace, 63)
    size = option.tensor_parallel * option.pipeline_parallel
    weights = next(c.weight_gib for c in model.checkpoints if c.id == option.checkpoint)
    length = min(model.context_tokens, round_up(4 * (wish.prompt_tokens + wish.output_tokens), 1024))
    series = f'namespace="{namespace}",model_name="{name}"'
    memory = f"{math.ceil(weights * 1.2 + 16)}Gi"
    spare = 1 if wish.availability == "n+1" else 0
    least = max(
        1 + spare, math.ceil(option.replicas * wish.mean_requests_per_second / wish.peak_requests_per_second)
    )
    return Values(
        comment=(
            f"{option.model} {option.precision} on {option.replicas} x {size} {option.gpu}, "
            f"{option.replica_arithmetic}"
        ),
        name=name,
        namespace=namespace,
        labels={"app.kubernetes.io/managed-by": "compass", "app.kubernetes.io/name": name},
        option_id=option.option_id,
        promise=(
            f"TTFT {option.ttft_p95_ms.value:g} ms, ITL {option.itl_p95_ms.value:g} ms, "
            f"E2E {option.e2e_p95_ms.value:g} ms at p95 ({option.evidence.kind})"
        ),
        replicas=option.replicas,
        min_replicas=min(option.replicas, least),
        timeout_s=max(120, math.ceil(wish.e2e_p95_ms / 1000 * 4)),
        product_label_key=gpu.product_label_key,
        product_labels=gpu.product_labels,
        gpu_resource=gpu.resource,
        image=IMAGE,
        args=arguments(option, model, name, length),
        env=environment(model),
        requests={"cpu": str(2 + 2 * size), "memory": memory, gpu.resource: str(size)},
        limits={"memory": memory, gpu.resource: str(size)},
        startup_failures=math.ceil((weights * SECONDS_A_GIB + SECONDS_TO_COMPILE) * 2 / 10),
        shm=f"{max(2, 2 * size)}Gi",
        cache=f"{math.ceil(weights * 1.3 + 10)}Gi",
        deployment=f"{name}-predictor",
        prometheus="http://prometheus-operated.monitoring.svc:9090",
        query=f"sum(vllm:num_requests_running{{{series}}}) + sum(vllm:num_requests_waiting{{{series}}})",
        threshold=f"{max(1.0, option.concurrency_per_replica * 0.8):.1f}",
        groups=rules(wish, name, namespace),
    )


def round_up(value: int, step: int) -> int:
    """To the next multiple."""
    return -(-value // step) * step


def arguments(option: Option, model: Model, name: str, length: int) -> tuple[str, ...]:
    """Of `vllm serve`; the checkpoint says its own quantisation."""
    words = [
        option.checkpoint,
        f"--served-model-name={name}",
        "--port=8080",
        f"--tensor-parallel-size={option.tensor_parallel}",
        f"--max-model-len={length}",
        "--gpu-memory-utilization=0.9",
        f"--max-num-seqs={max(8, math.ceil(option.concurrency_per_replica * 2))}",
        "--shutdown-timeout=90",
    ]
    if option.pipeline_parallel > 1:
        words.append(f"--pipeline-parallel-size={option.pipeline_parallel}")
    return tuple(words)


def environment(model: Model) -> tuple[dict[str, Any], ...]:
    """Caches on the volume; a token by reference, and only where the model is gated."""
    variables: list[dict[str, Any]] = [
        {"name": "HF_HOME", "value": "/home/vllm/.cache/huggingface"},
        {"name": "VLLM_NO_USAGE_STATS", "value": "1"},
    ]
    if model.gated is not False:
        variables.append(
            {
                "name": "HF_TOKEN",
                "valueFrom": {
                    "secretKeyRef": {"name": "hf-token", "key": "HF_TOKEN", "optional": model.gated is None}
                },
            }
        )
    return tuple(variables)


def rules(wish: Specification, name: str, namespace: str) -> tuple[dict[str, Any], ...]:
    """Recording rules of slow shares and two burn-rate alerts, for TTFT and ITL."""
    objective = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "mean": 0.5}[wish.percentile]
    series = f'namespace="{namespace}",model_name="{name}"'
    entries: list[dict[str, Any]] = []
    for short, metric, target, bounds in (
        ("ttft", "time_to_first_token_seconds", wish.ttft_p95_ms / 1000, TTFT_BOUNDS),
        ("itl", "inter_token_latency_seconds", wish.itl_p95_ms / 1000, ITL_BOUNDS),
    ):
        bound = next((bound for bound in bounds if bound >= target), bounds[-1])
        for window in WINDOWS:
            good = f'sum(rate(vllm:{metric}_bucket{{{series},le="{bound}"}}[{window}]))'
            count = f"sum(rate(vllm:{metric}_count{{{series}}}[{window}]))"
            entries.append(
                {
                    "record": f"compass:{short}_slow:ratio_rate{window}",
                    "expr": f"1 - {good} / {count}",
                    "labels": {"service": name},
                }
            )
        for severity, long, brief, factor in BURN:
            limit = min(MOST_BURN, factor * (1 - objective))
            slow = f'compass:{short}_slow:ratio_rate{{}}{{service="{name}"}} > {limit:.3g}'
            entries.append(
                {
                    "alert": f"Compass{short.capitalize()}Burn{long}",
                    "expr": " and ".join(slow.replace("{}", window, 1) for window in (long, brief)),
                    "labels": {"severity": severity, "service": name},
                    "annotations": {
                        "summary": f"{name}: too many requests above {bound * 1000:g} ms {short.upper()}; "
                        f"promised {target * 1000:g} ms at {wish.percentile}"
                    },
                }
            )
    return ({"name": f"compass-{name}", "rules": entries},)
