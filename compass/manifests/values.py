"""Computes the values that the templates place, from a recipe, an option and its specification."""

import math
from dataclasses import dataclass
from typing import Any

from compass.catalog import Gpu, Model
from compass.manifests.recipe import Recipe
from compass.manifests.settings import image_of
from compass.manifests.slo import rule_groups, selector
from compass.manifests.vllm_arguments import CACHE, PORT, engine_environment, serve_arguments
from compass.planning import Option, Specification, start_seconds

PROMETHEUS = "http://prometheus-operated.monitoring.svc:9090"
IN_FLIGHT = ("vllm:num_requests_running", "vllm:num_requests_waiting")
HEADROOM = 0.8
"""Replicas are added at this share of the concurrency that the plan gives one."""
# Groups that may open AMD's device files: video and render, as in ROCm's container documentation.
AMD_GROUPS = (44, 109)


@dataclass(frozen=True)
class Values:
    """One field for each name that a template uses."""

    name: str
    namespace: str
    labels: dict[str, str]
    monitor_labels: dict[str, str]
    option_id: str
    promise: str
    arithmetic: str
    replicas: int
    min_replicas: int
    autoscaler: str
    timeout_s: int
    product_label_key: str
    product_labels: tuple[str, ...]
    gpu_resource: str
    device_groups: tuple[int, ...]
    image: str
    command: tuple[str, ...]
    port: int
    args: tuple[str, ...]
    env: tuple[dict[str, Any], ...]
    requests: dict[str, str]
    limits: dict[str, str]
    startup_failures: int
    shm: str
    cache: str
    cache_path: str
    model_cache: bool
    deployment: str
    prometheus: str
    query: str
    threshold: str
    groups: tuple[dict[str, Any], ...]


def template_values(
    recipe: Recipe, option: Option, specification: Specification, model: Model, gpu: Gpu
) -> Values:
    """Return the values of one deployment.

    Raises:
        InvalidInput: no image is known for the GPU.
    """
    name, namespace, settings = recipe.name, recipe.namespace, recipe.settings
    size = option.tensor_parallel * option.pipeline_parallel
    weights = next(c.weight_gib for c in model.checkpoints if c.id == option.checkpoint)
    labels = {"app.kubernetes.io/managed-by": "compass", "app.kubernetes.io/name": name}
    series = selector(name, namespace)
    # Shared memory counts against the limit; weights pass through host memory while they load.
    shm = max(2, 2 * size)
    memory = f"{math.ceil(weights * 1.2 + 16 + shm)}Gi"
    custom_image = settings.image != "" or gpu.vendor != "nvidia"
    return Values(
        name=name,
        namespace=namespace,
        labels=labels,
        monitor_labels=labels | ({"release": settings.monitor_release} if settings.monitor_release else {}),
        option_id=option.option_id,
        promise=(
            f"TTFT {option.ttft_p95_ms.value:g} ms, ITL {option.itl_p95_ms.value:g} ms, "
            f"E2E {option.e2e_p95_ms.value:g} ms at p95 ({option.evidence.kind})"
        ),
        arithmetic=f"{option.replicas} x {size} {option.gpu}: {option.replica_arithmetic}",
        replicas=option.replicas,
        min_replicas=fewest_replicas(option, specification),
        autoscaler="none" if settings.autoscaler == "none" else "external",
        timeout_s=timeout_seconds(option, specification),
        product_label_key=gpu.product_label_key,
        product_labels=gpu.product_labels,
        gpu_resource=gpu.resource,
        device_groups=AMD_GROUPS if gpu.vendor == "amd" else (),
        image=image_of(gpu, settings),
        command=("vllm", "serve") if custom_image else (),
        port=PORT,
        args=serve_arguments(option, specification, model, gpu, name, settings.allow_remote_code),
        env=engine_environment(model, weights, custom_image),
        requests={"cpu": str(2 + 2 * size), "memory": memory, gpu.resource: str(size)},
        limits={"memory": memory, gpu.resource: str(size)},
        startup_failures=math.ceil(start_seconds(weights) * 2 / 10),
        shm=f"{shm}Gi",
        cache=f"{math.ceil(weights * 1.3 + 10)}Gi",
        cache_path=CACHE,
        model_cache=settings.model_cache,
        deployment=f"{name}-predictor",
        prometheus=settings.prometheus_url or PROMETHEUS,
        query=" + ".join(f"sum({metric}{{{series}}})" for metric in IN_FLIGHT),
        threshold=f"{max(1.0, option.concurrency_per_replica * HEADROOM):.1f}",
        groups=rule_groups(option, specification, name, namespace, exact=gpu.vendor == "nvidia"),
    )


def timeout_seconds(option: Option, specification: Specification) -> int:
    """Return four times the target of a whole answer, or the prediction where there is none."""
    whole_ms = specification.e2e_p95_ms or option.e2e_p95_ms.high
    return max(120, math.ceil(whole_ms / 1000 * 4))


def fewest_replicas(option: Option, specification: Specification) -> int:
    """Return the replicas for the mean load, one more where a spare was asked for, at most those planned."""
    spare = 1 if specification.availability == "n+1" else 0
    if specification.load_form == "batch":
        return option.replicas
    mean_share = specification.mean_requests_per_second / specification.peak_requests_per_second
    return min(option.replicas, max(1 + spare, math.ceil(option.replicas * mean_share)))
