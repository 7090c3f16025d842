"""Every configuration that the catalog can make: checkpoint × GPU × tensor parallel."""

from dataclasses import dataclass

from compass.capacity import Configuration
from compass.catalog import Architecture, Catalog, Checkpoint, Gpu, Model, Precision, quantises_all

SEQUENCES = 256
"""What the engine keeps memory for. Manifests ask for twice the planned requests, which is seldom more, and
where it is, memory is large."""
TENSOR_PARALLEL = (1, 2, 4, 8)


@dataclass(frozen=True)
class Candidate:
    """One way to serve a model, before load and price are known."""

    model: Model
    checkpoint: Checkpoint
    gpu: Gpu
    tensor_parallel: int

    @property
    def configuration(self) -> Configuration:
        """As the capacity model takes it."""
        checkpoint = self.checkpoint
        return as_planned(
            self.model,
            checkpoint.id,
            checkpoint.precision,
            checkpoint.weight_gib,
            self.gpu,
            self.tensor_parallel,
        )

    @property
    def name(self) -> str:
        """In words: "Qwen3-8B fp8 on 2 × L40S"."""
        return f"{self.model.name} {self.checkpoint.precision} on {self.tensor_parallel} × {self.gpu.name}"


def as_planned(
    model: Model, checkpoint: str, precision: Precision, weight_gib: float | None, gpu: Gpu, size: int
) -> Configuration:
    """A replica as plans assume that it is served; the weights are computed where their size is not known."""
    return Configuration(
        model=model.id,
        architecture=model.architecture,
        parameters_b=model.parameters_b,
        active_parameters_b=model.active_parameters_b,
        precision=precision,
        gpu=gpu,
        tensor_parallel=size,
        all_linear=quantises_all(checkpoint),
        sequences=SEQUENCES,
        weight_gib=weight_gib,
    )


def in_words(replicas: int, size: int, gpu: str) -> str:
    """GPUs as people write them: "2 × L40S", or "2 × (4 × H100-SXM)" where several share a replica."""
    return f"{replicas} × {gpu}" if size == 1 else f"{replicas} × ({size} × {gpu})"


def all_candidates(catalog: Catalog) -> tuple[Candidate, ...]:
    """Every combination that vLLM can start, whether it fits in memory or not."""
    return tuple(
        Candidate(model, checkpoint, gpu, size)
        for model in catalog.models
        for checkpoint in model.checkpoints
        for gpu in catalog.gpus
        if accelerates(gpu, checkpoint.precision)
        for size in TENSOR_PARALLEL
        if size <= gpu.gpus_per_node and divides(model.architecture, size)
    )


def accelerates(gpu: Gpu, precision: Precision) -> bool:
    """Whether a GPU gains from a precision: a tensor path for it, or weight-only kernels made for it.

    int4 weights run by Marlin kernels on every NVIDIA GPU; mxfp4 likewise, and natively on AMD's MI355X
    and, by upcasting, on MI300X and MI325X (vLLM's quantisation documentation).
    """
    tensor = gpu.dense_tflops
    match precision:
        case "bf16":
            return True
        case "fp8":
            return tensor.fp8 is not None
        case "int8":
            return tensor.int8 is not None and gpu.vendor == "nvidia"
        case "int4":
            return gpu.vendor == "nvidia"
        case "mxfp4":
            return gpu.vendor in ("nvidia", "amd")
        case "nvfp4":
            return tensor.fp4 is not None and gpu.vendor == "nvidia"


def divides(architecture: Architecture, size: int) -> bool:
    """VLLM's rule: attention heads split evenly; KV heads split evenly or are copied evenly."""
    if architecture.attention_heads % size:
        return False
    heads = architecture.kv_heads
    return architecture.mla is not None or heads % size == 0 or size % heads == 0
