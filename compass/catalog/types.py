"""Records of the catalog: use cases, models, GPUs, prices."""

from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from compass.core import Frozen

Precision = Literal["bf16", "fp8", "int8", "int4", "mxfp4", "nvfp4"]
Pricing = Literal["on-demand", "reserved", "spot"]


class Entry(Frozen):
    """A record of a data file; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SlidingWindow(Entry):
    """Layers that attend to the last `size` tokens only, as a fraction of those with attention."""

    size: int = Field(gt=0)
    layer_fraction: float = Field(gt=0, le=1)


class LatentAttention(Entry):
    """Multi-head latent attention (MLA): one compressed KV vector a token."""

    kv_lora_rank: int
    q_lora_rank: int | None = None
    qk_rope_head_dim: int
    qk_nope_head_dim: int
    v_head_dim: int


class GlobalAttention(Entry):
    """Dimensions of the layers of full attention where they differ from the windowed ones' (Gemma 4)."""

    kv_heads: int = Field(gt=0)
    head_dim: int = Field(gt=0)


class RecurrentLayers(Entry):
    """Layers with a state of fixed size in place of a KV cache: linear attention, state space (Mamba)."""

    layers: int = Field(gt=0)
    parameters: int = Field(gt=0)
    """Of one layer."""
    state_values: int = Field(ge=0)
    """Of one layer and sequence, the convolution's last inputs apart."""
    state_bytes: int = Field(gt=0)
    """Of one layer and sequence, those inputs with it, as vLLM keeps them."""


class Architecture(Entry):
    """Dimensions of a decoder, as in its Hugging Face configuration.

    A layer has attention and a feed-forward part unless `attention_layers` and `mlp_layers` say that only
    some have: models with recurrent layers, or whose layers have one of the two.
    """

    layers: int = Field(gt=0)
    attention_layers: int | None = Field(default=None, gt=0)
    mlp_layers: int | None = Field(default=None, gt=0)
    hidden_size: int = Field(gt=0)
    intermediate_size: int = Field(gt=0)
    attention_heads: int = Field(gt=0)
    kv_heads: int = Field(gt=0)
    head_dim: int = Field(gt=0)
    vocab_size: int = Field(gt=0)
    tie_embeddings: bool = False
    gated_attention: bool = False
    """The output of attention is gated: queries are projected twice."""
    per_layer_embedding: int = 0
    """Width of an embedding that every layer has of its own (Gemma 3n and 4)."""
    sliding_window: SlidingWindow | None = None
    global_attention: GlobalAttention | None = None
    recurrent: RecurrentLayers | None = None
    experts: int | None = None
    experts_per_token: int | None = None
    moe_intermediate_size: int | None = None
    shared_experts: int = 0
    dense_layers_first: int = 0
    moe_layers: int | None = None
    dense_intermediate_size: int | None = None
    mla: LatentAttention | None = None


class Checkpoint(Entry):
    """Published weights: `weight_gib` as loaded, all tensor-parallel ranks together."""

    id: str
    precision: Precision
    weight_gib: float = Field(gt=0)
    size_basis: Literal["computed", "published"]
    is_published: bool = True
    """False where no weights of this format are known by name: they can be planned, not started."""


class Score(Entry):
    """A published score; only the same benchmark, setting and measurer compare."""

    benchmark: str
    score: float
    setting: str
    source: str
    measured_by: str


class Model(Entry):
    """An open model that people serve."""

    id: str
    family: str
    release: str
    license: str
    gated: bool | None
    parameters_b: float = Field(gt=0)
    active_parameters_b: float = Field(gt=0)
    context_tokens: int = Field(gt=0)
    languages: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ("text",)
    reasoning: Literal["no", "switchable", "always"] = "no"
    trust_remote_code: bool = False
    architecture: Architecture
    checkpoints: tuple[Checkpoint, ...] = Field(min_length=1)
    scores: tuple[Score, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id without its organisation, for people."""
        return self.id.rsplit("/", 1)[-1]


class DenseTflops(Entry):
    """Peak tensor throughput without sparsity; None where the format has no tensor path."""

    bf16: float
    fp8: float | None = None
    fp4: float | None = None
    int8: float | None = None


class Gpu(Entry):
    """An accelerator; `memory_gib` as the driver reports it, interconnect per GPU and direction."""

    name: str
    aliases: tuple[str, ...] = ()
    vendor: Literal["nvidia", "amd", "intel"]
    architecture: str
    compute_capability: str | None = None
    memory_gib: float = Field(gt=0)
    memory_bandwidth_gb_s: float = Field(gt=0)
    dense_tflops: DenseTflops
    interconnect_gb_s: float = Field(gt=0)
    interconnect_kind: str
    gpus_per_node: int = Field(gt=0)
    tdp_w: float | None = None
    resource: str = "nvidia.com/gpu"
    product_label_key: str = "nvidia.com/gpu.product"
    product_labels: tuple[str, ...] = ()
    unverified_fields: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


class Price(Entry):
    """A dated price of one GPU-hour in US dollars; whole instances where `gpus_per_instance` > 1."""

    gpu: str
    provider: str
    instance: str
    gpus_per_instance: int = Field(gt=0)
    region: str
    pricing: Pricing
    term: str = ""
    """Of a reservation: "1y" or "3y"."""
    usd_per_gpu_hour: float = Field(gt=0)
    as_of: str
    source: str
    verified: bool


class Targets(Entry):
    """Latency limits in milliseconds."""

    ttft_ms: float
    itl_ms: float
    e2e_ms: float


class RequestPattern(Entry):
    """How the users of a use case send requests.

    Peak requests/s = users × active × per_minute / 60 × peak.
    """

    active: float = Field(gt=0, le=1)
    per_minute: float = Field(gt=0)
    peak: float = Field(ge=1)
    arrivals: Literal["poisson", "bursts"]
    burst_size: float = Field(default=1.0, ge=1)
    """Mean number of requests that come together."""


class UseCase(Entry):
    """How people use a model; `targets` are p95."""

    name: str
    title: str
    experience_class: str
    prompt_tokens: int
    output_tokens: int
    targets: Targets
    target_range: dict[str, tuple[float, float]]
    workload: RequestPattern
    quality_weights: dict[str, float] = Field(default_factory=dict)


class ExperienceClass(Entry):
    """p95 limits of an experience class, ms."""

    name: str
    ttft_ms: float
    itl_ms: float


class Catalog(Entry):
    """Everything that planning may choose from."""

    models: tuple[Model, ...]
    gpus: tuple[Gpu, ...]
    prices: tuple[Price, ...]
    use_cases: tuple[UseCase, ...]
    classes: tuple[ExperienceClass, ...]
    demonstrations: tuple[str, ...]
    """Requests that demonstrate the whole workflow."""
    as_of: date
