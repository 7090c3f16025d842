"""Inputs and outputs of the capacity model."""

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from compass.catalog import Architecture, Gpu, Precision

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Configuration:
    """One replica: a model in a precision on `tensor_parallel × pipeline_parallel × data_parallel` GPUs."""

    model: str
    architecture: Architecture
    parameters_b: float
    active_parameters_b: float
    precision: Precision
    gpu: Gpu
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    expert_parallel: int = 1
    all_linear: bool = False
    """4-bit weights in all linear layers; mixtures that their makers quantised have them in experts only."""
    weight_gib: float | None = None
    engine_version: str | None = None
    utilization: float = 0.9
    """Share of a GPU's memory that the engine may use: vLLM's `--gpu-memory-utilization`."""
    batched_tokens: int = 8192
    """Most tokens of a step: `--max-num-batched-tokens`."""
    sequences: int | None = None
    """Most sequences of a step, `--max-num-seqs`; None: vLLM's default on the GPU."""
    attention_ranks: bool = False
    """Whether each of `data_parallel` ranks keeps attention and a KV cache of its own, experts being divided
    among all GPUs. Published runs labelled so behave as tensor parallel ones: `shapes.attention_layout`."""
    cache: Literal["bf16", "fp8"] | None = "bf16"
    """Type of the KV cache: 16 bits unless `--kv-cache-dtype` says otherwise; None: a run does not say."""

    @property
    def gpus(self) -> int:
        """GPUs of one replica."""
        return self.tensor_parallel * self.pipeline_parallel * self.data_parallel


@dataclass(frozen=True)
class Memory:
    """Memory of N configurations, each array of shape (N,), per GPU in GiB."""

    weights_gib: FloatArray
    runtime_gib: FloatArray
    usable_gib: FloatArray
    kv_bytes_per_token: FloatArray
    """Bytes of the whole replica, replicated KV heads included, at a context below any window."""
    state_bytes: FloatArray
    """Recurrent state of a sequence, of the whole replica."""
    kv_capacity_tokens: FloatArray
    """Tokens of KV cache that fit in one replica; 0 or negative where the weights do not fit."""

    @property
    def fits(self) -> BoolArray:
        """Shape (N,): whether weights, runtime and some KV cache fit."""
        return self.kv_capacity_tokens > 0

    def rows(self, index: Any) -> "Memory":
        """The memory of some configurations; `index` is anything that selects rows of an array."""
        return Memory(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


@dataclass(frozen=True)
class Prediction:
    """Typical latencies of N configurations at B loads, each array of shape (N, B), in milliseconds.

    The 80 % interval is `value × exp(± spread)`, from the residuals of runs at the same distance.
    """

    ttft_ms: FloatArray
    itl_ms: FloatArray
    ttft_log_spread: FloatArray
    itl_log_spread: FloatArray
    nearest_run: IntArray
    """Shape (N,): index into the estimator's evidence, −1 where there is none."""
    distance: FloatArray
    """Shape (N,): distance to that run; infinite where there is none."""

    def row(self, index: int) -> "Prediction":
        """The prediction of one configuration, shape (1, B)."""
        return Prediction(
            **{field.name: getattr(self, field.name)[index : index + 1] for field in fields(self)}
        )


class LatencyProfile(BaseModel):
    """Time of one engine step of one replica; simulations and the simulator run on it.

    step_ms = interp(decode sequences over batch, decode_ms)
              + kv_ms_per_token · resident context tokens of the decoding sequences
              + prefill_ms_per_token · prompt tokens in the step
              + prefill_ms_per_token_squared · (prompt tokens · their mean context)
    A request's first token also waits `request_overhead_ms` (HTTP, tokenizer, scheduler).
    A step without decoding sequences costs `decode_ms[0]` in place of the first term.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    batch: tuple[int, ...] = Field(min_length=1)
    decode_ms: tuple[float, ...] = Field(min_length=1)
    kv_ms_per_token: float = Field(ge=0)
    prefill_ms_per_token: float = Field(gt=0)
    prefill_ms_per_token_squared: float = Field(ge=0)
    request_overhead_ms: float = Field(ge=0)
    max_num_seqs: int = Field(gt=0)
    max_num_batched_tokens: int = Field(gt=0)
    kv_capacity_tokens: int = Field(gt=0)
    max_model_len: int = Field(gt=0)
