"""Lists every configuration that the catalog allows: checkpoint × GPU × tensor parallel."""

from dataclasses import dataclass

from compass.capacity import Configuration
from compass.catalog import Architecture, Catalog, Checkpoint, Gpu, Model, quantises_all, serving_problem

SEQUENCES = 256
"""Concurrent sequences that the engine reserves memory for. Manifests ask for twice the planned requests,
which is seldom more, and where it is, memory is large."""
TENSOR_PARALLEL = (1, 2, 4, 8)


@dataclass(frozen=True)
class Candidate:
    """A checkpoint on a number of GPUs, before load and price are known."""

    model: Model
    checkpoint: Checkpoint
    gpu: Gpu
    tensor_parallel: int

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
            all_linear=quantises_all(self.checkpoint.id),
            sequences=SEQUENCES,
            weight_gib=self.checkpoint.weight_gib,
        )

    @property
    def name(self) -> str:
        """Model, precision and GPUs of one replica: "Qwen3-8B fp8 on 2 × L40S"."""
        return f"{self.model.name} {self.checkpoint.precision} on {self.tensor_parallel} × {self.gpu.name}"

    def name_of(self, replicas: int) -> str:
        """Model, precision and GPUs of some replicas: "Qwen3-8B fp8 on 3 × (2 × L40S)"."""
        gpus = gpus_in_words(replicas, self.tensor_parallel, self.gpu.name)
        return f"{self.model.name} {self.checkpoint.precision} on {gpus}"


def gpus_in_words(replicas: int, gpus_per_replica: int, gpu: str) -> str:
    """Write GPUs as people do: "2 × L40S", or "2 × (4 × H100-SXM)" where several share a replica."""
    return f"{replicas} × {gpu}" if gpus_per_replica == 1 else f"{replicas} × ({gpus_per_replica} × {gpu})"


def all_candidates(catalog: Catalog) -> tuple[Candidate, ...]:
    """Return every combination that vLLM can start, whether it fits in memory or not."""
    return tuple(
        Candidate(model, checkpoint, gpu, size)
        for model in catalog.models
        for checkpoint in model.checkpoints
        for gpu in catalog.gpus
        if serving_problem(checkpoint.precision, gpu) is None
        for size in TENSOR_PARALLEL
        if size <= gpu.gpus_per_node and divides(model.architecture, size)
    )


def divides(architecture: Architecture, size: int) -> bool:
    """Whether a tensor-parallel size is valid: attention heads split evenly, KV heads split or copied evenly.

    The rule is vLLM's.
    """
    if architecture.attention_heads % size:
        return False
    heads = architecture.kv_heads
    return architecture.mla is not None or heads % size == 0 or size % heads == 0
