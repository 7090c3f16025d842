"""The record of a benchmark run, and the shipped runs."""

import csv
import functools
import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from compass.core import EvidenceKind

SHIPPED = Path(__file__).parent / "data" / "measured_vllm.csv"
SHIPPED_SOURCE = "InferenceMAX/InferenceX and vLLM 0.12 runs, aiconfigurator-core 0.12.0"
ATTRIBUTION = (
    "Public InferenceMAX/InferenceX results and vLLM 0.12 runs, as distributed in NVIDIA's "
    "aiconfigurator-core 0.12.0 (Apache-2.0). Typical values of a run; the source "
    "does not say whether mean or median."
)


@dataclass(frozen=True)
class Run:
    """One operating point of one replica; latencies in ms, `gpus` and loads of the whole replica.

    Closed loop: `concurrency` is given. Open loop: `request_rate` is given. None where not published.
    """

    label: str
    model: str
    gpu: str
    precision: str
    engine_version: str
    gpus: int
    tensor_parallel: int
    data_parallel: int
    expert_parallel: int
    prompt_tokens: float
    output_tokens: float
    concurrency: float | None
    request_rate: float | None
    ttft_ms: float | None
    itl_ms: float | None
    e2e_ms: float | None
    measured: str = ""
    flags: tuple[str, ...] = ()
    """Doubts about the run: a flagged run is kept, but neither looked up nor used for planning."""
    evidence: EvidenceKind = "measured"
    source: str = SHIPPED_SOURCE

    @property
    def natural_key(self) -> str:
        """The key by which a run that is loaded again is recognised: all fields but the measured ones."""
        return "|".join([str(getattr(self, name)) for name in KEY])


KEY = tuple(f.name for f in fields(Run) if f.name not in {"ttft_ms", "itl_ms", "e2e_ms", "flags"})
COLUMNS = tuple(field.name for field in fields(Run) if field.name not in {"evidence", "source"})


@functools.cache
def shipped_runs() -> tuple[Run, ...]:
    """The 895 measured runs of the package, read once."""
    with SHIPPED.open(newline="", encoding="utf-8") as file:
        return tuple(shipped_run(row) for row in csv.DictReader(file))


def shipped_run(row: dict[str, str]) -> Run:
    """One line of the shipped file."""
    return Run(
        label=row["run"],
        model=row["model"],
        gpu=row["gpu"],
        precision="nvfp4" if row["precision"] == "fp4" else row["precision"],
        engine_version=row["engine_version"],
        gpus=int(row["gpus"]),
        tensor_parallel=int(row["tensor_parallel"]),
        data_parallel=int(row["data_parallel"]),
        expert_parallel=int(row["expert_parallel"]),
        prompt_tokens=float(row["prompt_tokens"]),
        output_tokens=float(row["output_tokens"]),
        concurrency=float(row["concurrency"]),
        request_rate=None,
        ttft_ms=float(row["ttft_ms"]),
        itl_ms=float(row["itl_ms"]),
        e2e_ms=float(row["ttft_ms"]) + float(row["itl_ms"]) * (float(row["output_tokens"]) - 1),
        measured=row["measured"],
    )


def content_hash(runs: Iterable[Run]) -> str:
    """A fingerprint of these runs in this order."""
    digest = hashlib.sha256()
    for run in runs:
        digest.update(repr(astuple(run)).encode())
    return digest.hexdigest()
