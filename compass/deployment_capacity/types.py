"""Value objects of a capacity answer: arrangements of the GPUs that are there, and what they carry."""

from typing import Literal

from compass.catalog import Precision
from compass.core import Evidence, EvidenceKind, Frozen, Interval

Verdict = Literal["yes", "no", "partly"]
Breaks = Literal["TTFT", "ITL", "E2E", "KV cache memory", "throughput", "memory"]
"""What stops an arrangement from carrying more; "memory": it does not even fit."""
LoadForm = Literal["none", "concurrent", "rate", "batch", "sessions", "users"]
HelpKind = Literal[
    "format", "one_more_gpu", "more_gpus", "bigger_gpu", "chunk_size", "prefix_cache", "fp8_kv_cache",
    "shorter_context",
]  # fmt: skip


class MemoryOfGpu(Frozen):
    """Memory of one GPU in GiB; where it fits, weights + runtime + KV cache + free = total."""

    weights: float
    runtime: float
    """Activations, buffers, CUDA graphs."""
    kv_cache: float
    free: float
    """What the engine leaves: one tenth (`--gpu-memory-utilization 0.9`), and the driver's part."""
    total_per_gpu: float


class LoadPoint(Frozen):
    """All replicas together at one load; typical latencies in ms with their 80 % intervals."""

    concurrent_requests: float
    requests_per_second: float
    """By Little's law: requests in flight ÷ E2E."""
    output_tokens_per_second: float
    output_tokens_per_second_interval: Interval
    ttft_ms: Interval
    itl_ms: Interval
    e2e_ms: Interval
    waits_for_memory: bool
    """More requests than the KV cache holds: the others wait, and TTFT holds their wait."""


class TargetLimit(Frozen):
    """A latency target in ms that the limit was worked out with."""

    name: Literal["TTFT", "ITL", "E2E"]
    milliseconds: float
    stated: bool
    """False: usual for the use case, and no reason to say no."""


class Limit(Frozen):
    """The highest load inside the targets, all replicas together."""

    requests_per_second: float
    concurrent_requests: float
    breaks: Breaks
    """What breaks above it."""
    targets: tuple[TargetLimit, ...] = ()


class Job(Frozen):
    """A batch job at full load."""

    items: int
    hours: float
    gpu_hours: float
    usd_per_job: float | None
    deadline_hours: float | None


class Arrangement(Frozen):
    """One way to use the GPUs: GPUs that share a layer × pipeline stages × replicas, in one format."""

    model: str
    tensor_parallel: int
    pipeline_parallel: int
    data_parallel: int = 1
    """Ranks with attention and a KV cache of their own; the experts are then divided among all GPUs."""
    replicas: int
    precision: Precision
    checkpoint: str | None
    """Published weights of this format; None where the catalog knows none and the size is computed."""
    gpus_idle: int
    fits: bool
    starts: bool = True
    """False: the engine does not run this format on this GPU, whatever the memory."""
    memory_gib: MemoryOfGpu
    kv_cache_tokens: int
    """Of one replica, as vLLM prints at its start; 0 where nothing fits."""
    kv_cache_tokens_interval: Interval
    """80 % of start-up logs lie in it."""
    max_context_tokens: int
    """Longest request of one replica: the cache or the model's own window, whichever is shorter."""
    context_bound: Literal["memory", "model"]
    max_concurrent_requests: int
    """Requests of the stated context, or of the lengths, that all caches hold at once."""
    at_load: LoadPoint | None = None
    full_load: LoadPoint | None = None
    """As many requests in flight as give the most tokens a second."""
    limit: Limit | None = None
    job: Job | None = None
    holds: bool = False
    """Whether it carries what was stated; what nobody stated does not count."""
    falls_short: str = ""
    """Why not."""
    evidence: Evidence
    usd_per_month: float | None = None
    """None where no price is listed."""
    price_source: str = ""

    @property
    def gpus_used(self) -> int:
        """GPUs that work."""
        return self.gpus_per_replica * self.replicas

    @property
    def gpus_per_replica(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel


class Bottleneck(Frozen):
    """What takes most of a decode step at the stated load, and its share."""

    part: Literal["reading weights", "arithmetic", "reading the KV cache", "overhead and links between GPUs"]
    share: float


class Help(Frozen):
    """A change that was worked out: what it is, and what it gives."""

    kind: HelpKind
    change: str
    effect: str
    usd_per_month_more: float | None = None
    """Against the best arrangement; None where it costs nothing, or no price is listed."""


class MeasuredRun(Frozen):
    """A published run of the same model, format, GPU and GPUs a replica; latencies in ms."""

    run: str
    source: str
    kind: EvidenceKind
    tensor_parallel: int
    concurrency: float
    prompt_tokens: float
    output_tokens: float
    ttft_ms: float
    itl_ms: float
    output_tokens_per_second: float
    """Of one replica, by Little's law."""


class Suggestion(Frozen):
    """A model that fits, where none was named."""

    model: str
    precision: Precision
    quality: float | None
    max_concurrent_requests: int
    max_context_tokens: int
    output_tokens_per_second: float
    """At the stated load, else at full load."""
    holds: bool


class StatedLoad(Frozen):
    """The load that the answer is about, and the lengths it has."""

    form: LoadForm
    words: str
    prompt_tokens: int
    output_tokens: int
    context_tokens: int
    """Tokens of cache that a request is given: the stated context, else prompt and output."""
    requests_per_second: float | None = None
    """Where arrivals were stated, and not requests in flight or a job."""
