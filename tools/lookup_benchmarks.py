"""The tool lookup_benchmarks: runs near a configuration, exact ones first."""

import math
from collections import Counter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from compass.benchmarks import ATTRIBUTION, Run, fetch_runs
from compass.catalog import Catalog, find_gpu, match_gpus, match_models, stem
from compass.core import EvidenceKind, brief_of, milliseconds, unknown
from tools.request import ToolRequest
from tools.toolbox import Toolbox

Match = Literal["exact", "near"]


class BenchmarkRow(BaseModel):
    """One run; latencies in ms, loads of the whole replica. `match`: near where a wished field differs."""

    model_config = ConfigDict(frozen=True)

    run: str
    match: Match
    differs_in: tuple[str, ...]
    model: str
    gpu: str
    precision: str
    gpus: int
    tensor_parallel: int
    prompt_tokens: float
    output_tokens: float
    concurrency: float | None
    request_rate: float | None
    ttft_ms: float | None
    itl_ms: float | None
    e2e_ms: float | None
    engine_version: str
    measured: str
    evidence: EvidenceKind
    source: str


class Coverage(BaseModel):
    """How many runs there are for what was asked."""

    model_config = ConfigDict(frozen=True)

    runs: int
    exact: int
    by_evidence: dict[str, int]
    by_gpu: dict[str, int]
    by_model: dict[str, int]


class BenchmarkPage(BaseModel):
    """One page of runs, with what there is in all."""

    model_config = ConfigDict(frozen=True)

    rows: tuple[BenchmarkRow, ...]
    page: int
    pages: int
    coverage: Coverage
    attribution: str

    def brief(self) -> str:
        """The page for a language model."""
        found = self.coverage
        head = f"{found.exact} exact of {found.runs} runs · page {self.page} of {self.pages}"
        if not found.exact:
            head += " · nothing measured exactly there; the nearest runs:"
        lines = [
            f"{row.run} [{row.match}{': other ' + ', '.join(row.differs_in) if row.differs_in else ''}] "
            f"{row.model} {row.precision} {row.gpu} TP{row.tensor_parallel} "
            f"{row.prompt_tokens:g}→{row.output_tokens:g} at {load(row)}: "
            f"TTFT {figure(row.ttft_ms)} ITL {figure(row.itl_ms)} ({row.evidence})"
            for row in self.rows
        ]
        return brief_of([head, self.attribution, *lines], "ask for a smaller page_size, or narrow it down.")


def load(row: BenchmarkRow) -> str:
    """The row's load in words."""
    return f"{row.request_rate:g} requests/s" if row.request_rate else f"concurrency {row.concurrency or 0:g}"


def figure(value: float | None) -> str:
    """Milliseconds, or that nobody published them."""
    return "not published" if value is None else milliseconds(value)


class BenchmarkRequest(ToolRequest):
    """Which runs to look for; what is left open matches all."""

    model: str | None = Field(None, description="Model or family, Llama-3.1-70B for example")
    gpu: str | None = Field(None, description="GPU, H100 for example")
    tensor_parallel: int | None = Field(None, ge=1, le=64, description="GPUs that share a layer")
    precision: str | None = Field(None, description="bf16, fp8, int8, int4, mxfp4 or nvfp4")
    prompt_tokens: int | None = Field(None, ge=1, description="Tokens of a prompt")
    output_tokens: int | None = Field(None, ge=1, description="Tokens of an answer")
    evidence: EvidenceKind | None = Field(None, description="measured, simulated or estimated")
    page: int = Field(1, ge=1, description="Page, from 1")
    page_size: int = Field(10, ge=1, le=100, description="Rows a page")


async def lookup_benchmarks(box: Toolbox, request: BenchmarkRequest) -> BenchmarkPage:
    """Find benchmark runs by model, GPU, tensor parallel, precision, traffic profile and evidence: exact
    matches first, then the nearest, each labelled with what differs, and how many runs there are in all.
    """
    runs = await fetch_runs(box.store, evidence=[request.evidence] if request.evidence else None)
    models = known_models(box.catalog, runs, request.model) if request.model else None
    gpus = known_gpus(box.catalog, request.gpu) if request.gpu else None
    wished = {
        "tensor_parallel": request.tensor_parallel,
        "precision": request.precision and request.precision.lower(),
    }
    tokens = {"prompt_tokens": request.prompt_tokens, "output_tokens": request.output_tokens}
    ranked = sorted(
        ((differences(run, models, gpus, wished, tokens), run) for run in runs),
        key=lambda entry: (len(entry[0]), farness(entry[1], tokens), entry[1].label),
    )
    shown = ranked[(request.page - 1) * request.page_size : request.page * request.page_size]
    return BenchmarkPage(
        rows=tuple(as_row(run, differs) for differs, run in shown),
        page=request.page,
        pages=max(1, math.ceil(len(ranked) / request.page_size)),
        coverage=coverage([run for differs, run in ranked if not differs], len(runs)),
        attribution=ATTRIBUTION,
    )


def known_models(catalog: Catalog, runs: list[Run], name: str) -> set[str]:
    """Model names of the runs that the wish may mean.

    Raises:
        NotFound: neither the catalog nor a run knows it.
    """
    wanted = {model.id for model in match_models(catalog, name)}
    plain = stem(name).replace(" ", "-")
    measured = {run.model for run in runs}
    found = {
        model
        for model in measured
        if plain in model.lower() or wanted & {known.id for known in match_models(catalog, model)}
    }
    if not found and not wanted:
        raise unknown("model", name, measured | {model.name for model in catalog.models})
    return found


def known_gpus(catalog: Catalog, name: str) -> set[str]:
    """GPU names that the wish may mean.

    Raises:
        NotFound: no such GPU; names the nearest.
    """
    return {gpu.name for gpu in match_gpus(catalog, name) or [find_gpu(catalog, name)]}


def differences(
    run: Run,
    models: set[str] | None,
    gpus: set[str] | None,
    wished: dict[str, str | int | None],
    tokens: dict[str, int | None],
) -> tuple[str, ...]:
    """Wished fields in which a run differs, the weightiest first; tokens count beyond 10 %."""
    found = [
        name
        for name, names, value in (("model", models, run.model), ("gpu", gpus, run.gpu))
        if names is not None and value not in names
    ]
    found += [name for name, value in wished.items() if value is not None and getattr(run, name) != value]
    found += [name for name, value in tokens.items() if value and abs(getattr(run, name) / value - 1) > 0.1]
    return tuple(found)


def farness(run: Run, tokens: dict[str, int | None]) -> float:
    """How far a run's tokens are from the wished ones, in doublings."""
    return sum(abs(math.log2(getattr(run, name) / value)) for name, value in tokens.items() if value)


def as_row(run: Run, differs: tuple[str, ...]) -> BenchmarkRow:
    """A run as a row of the answer."""
    return BenchmarkRow(
        run=run.label,
        match="near" if differs else "exact",
        differs_in=differs,
        **{name: getattr(run, name) for name in BenchmarkRow.model_fields if hasattr(run, name)},
    )


def coverage(exact: list[Run], total: int) -> Coverage:
    """What there is for the wish."""
    return Coverage(
        runs=total,
        exact=len(exact),
        by_evidence=dict(Counter(run.evidence for run in exact)),
        by_gpu=dict(Counter(run.gpu for run in exact)),
        by_model=dict(Counter(run.model for run in exact)),
    )
