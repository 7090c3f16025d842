"""Lists every configuration that the catalog allows: checkpoint × GPU × tensor parallel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from compass.capacity import Configuration
from compass.catalog import (
    Architecture,
    Catalog,
    Checkpoint,
    Gpu,
    Model,
    linked_gpus,
    network_link,
    quantises_all,
    serving_problem,
)

SEQUENCES = 256
"""Concurrent sequences that the engine reserves memory for. Manifests ask for twice the planned requests,
which is seldom more, and where it is, memory is large."""
TENSOR_PARALLEL = (1, 2, 4, 8)
STAGES = (2, 4, 8)
"""Pipeline stages of replicas over several machines, one stage a machine: up to 64 GPUs."""
CROWDED = 0.5
"""Share of a machine's memory that weights take from which a replica may span machines: below, another
replica serves more."""


@dataclass(frozen=True)
class Candidate:
    """A checkpoint on a number of GPUs, before load and price are known."""

    model: Model
    checkpoint: Checkpoint
    gpu: Gpu
    tensor_parallel: int
    pipeline_parallel: int = 1
    """Stages; more than one where a replica spans machines, tensor parallel inside of each."""
    kv_cache: Literal["bf16", "fp8"] = "bf16"

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel

    @property
    def nodes(self) -> int:
        """Machines that a replica spans."""
        return -(-self.gpus // self.gpu.gpus_per_node)

    @property
    def configuration(self) -> Configuration:
        """One replica as the capacity model takes it, with the engine settings that plans assume."""
        return Configuration(
            model=self.model.id,
            architecture=self.model.architecture,
            parameters_b=self.model.parameters_b,
            active_parameters_b=self.model.active_parameters_b,
            precision=self.checkpoint.precision,
            gpu=self.gpu,
            tensor_parallel=self.tensor_parallel,
            pipeline_parallel=self.pipeline_parallel,
            all_linear=quantises_all(self.checkpoint.id),
            sequences=SEQUENCES,
            cache=self.kv_cache,
            weight_gib=self.checkpoint.weight_gib,
        )

    @property
    def name(self) -> str:
        """Model, precision and GPUs of one replica: "Qwen3-8B fp8 on 2 × L40S"."""
        gpus = f"{self.gpus} × {self.gpu.name}"
        if self.nodes > 1:
            gpus = f"{self.nodes} nodes × {self.gpus // self.nodes} × {self.gpu.name}"
        return f"{self.model.name} {self.checkpoint.precision} on {gpus}"

    def name_of(self, replicas: int) -> str:
        """Model, precision and GPUs of some replicas: "Qwen3-8B fp8 on 3 × (2 × L40S)"."""
        gpus = gpus_in_words(replicas, self.gpus, self.gpu.name, self.nodes)
        return f"{self.model.name} {self.checkpoint.precision} on {gpus}"


def gpus_in_words(replicas: int, gpus_per_replica: int, gpu: str, nodes: int = 1) -> str:
    """Write GPUs as people do: "2 × L40S", or "2 × (4 × H100-SXM)" where several share a replica.

    A replica over several machines: "1 × (2 nodes × 8 × H100-SXM)".
    """
    if nodes > 1:
        return f"{replicas} × ({nodes} nodes × {gpus_per_replica // nodes} × {gpu})"
    return f"{replicas} × {gpu}" if gpus_per_replica == 1 else f"{replicas} × ({gpus_per_replica} × {gpu})"


def all_candidates(catalog: Catalog, kv_cache: Literal["bf16", "fp8"] = "bf16") -> tuple[Candidate, ...]:
    """Return every combination that vLLM can start, whether it fits in memory or not."""
    return tuple(
        Candidate(model, checkpoint, gpu, *layout, kv_cache)
        for model in catalog.models
        for checkpoint in model.checkpoints
        for gpu in catalog.gpus
        if serving_problem(checkpoint.precision, gpu) is None
        for layout in layouts_of(model, checkpoint, gpu)
    )


def layouts_of(model: Model, checkpoint: Checkpoint, gpu: Gpu) -> Iterator[tuple[int, int]]:
    """Yield tensor parallel sizes and pipeline stages of a replica, the smallest first.

    Over several machines only where weights crowd one, elsewhere a second replica serves more, and where
    machines with such GPUs are sold with a fast network.
    """
    widest = min(linked_gpus(gpu), TENSOR_PARALLEL[-1])
    sizes = [size for size in TENSOR_PARALLEL if size <= widest and divides(model.architecture, size)]
    yield from ((size, 1) for size in sizes)
    crowded = sizes and checkpoint.weight_gib >= CROWDED * sizes[-1] * gpu.memory_gib
    if not crowded or not network_link(gpu.name).gpus:
        return
    yield from ((sizes[-1], stages) for stages in STAGES if stages <= model.architecture.layers)


def divides(architecture: Architecture, size: int) -> bool:
    """Whether a tensor-parallel size is valid: attention heads split evenly, KV heads split or copied evenly.

    The rule is vLLM's.
    """
    if architecture.attention_heads % size:
        return False
    heads = architecture.kv_heads
    return architecture.mla is not None or heads % size == 0 or size % heads == 0
