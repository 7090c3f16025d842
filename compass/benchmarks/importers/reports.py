"""Reads reports of load generators: one JSON or YAML document of one or a few runs."""

import json
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from compass.benchmarks.importers.checks import LoadReport, checked
from compass.benchmarks.importers.import_options import ImportOptions, gpu_of, model_of, precision_of
from compass.benchmarks.runs import Run
from compass.core import InvalidInput, parse_yaml

LARGEST_BYTES = 512 * 1024 * 1024
"""Largest report: it is read whole."""
NO_NAME = {"NVIDIA", "AMD", "80GB", "HBM3", "HBM3E", "HBM2E"}
UNITS_MS = {"ms": 1.0, "ms/token": 1.0, "s": 1e3, "sec": 1e3, "s/token": 1e3, "us": 1e-3, "ns": 1e-6}
MARKS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "guidellm": lambda document: (
        isinstance(document.get("benchmarks"), list)
        and any("metrics" in row for row in document["benchmarks"] if isinstance(row, dict))
    ),
    "vllm": lambda document: "mean_ttft_ms" in document and "total_input_tokens" in document,
    "aiperf": lambda document: "input_config" in document and "time_to_first_token" in document,
    "llmd": lambda document: "scenario" in document and "results" in document,
    "blis": lambda document: isinstance(document.get("benchmarks"), list),
}
"""Recognises a document of each kind."""


def document_of(path: Path, kind: str) -> dict[str, Any]:
    """The document, if it is of this kind.

    Raises:
        InvalidInput: too large, not JSON (or YAML), or of another tool, which is named.
    """
    if path.stat().st_size > LARGEST_BYTES:
        most = LARGEST_BYTES >> 20
        raise InvalidInput("PATH", f"{path.name} is larger than {most} MiB. Cut it to its summary.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = parse_yaml(text) if path.suffix in {".yaml", ".yml"} else json.loads(text)
    except (UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError) as error:
        raise InvalidInput("PATH", f"{path.name} is not JSON or YAML, or is cut off ({error}).") from error
    if not isinstance(document, dict):
        raise InvalidInput("PATH", f"{path.name} holds no object.")
    if not MARKS[kind](document):
        other = next((name for name, mark in MARKS.items() if mark(document)), None)
        hint = f"It looks like {other}." if other else "No known tool writes such a file."
        raise InvalidInput("PATH", f"{path.name} is not of {kind}. {hint}")
    return document


def read_vllm(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """The JSON of `vllm bench serve --save-result`: means over one run."""
    yield from checked(report, path.name, partial(vllm_run, document_of(path, "vllm"), options))


def vllm_run(found: dict[str, Any], options: ImportOptions) -> Run:
    """The run of a file; without a limit on concurrency requests arrive at a rate, or all at once."""
    done = number(found, "completed")
    rate = found.get("request_rate")
    concurrency = found.get("max_concurrency")
    everything = str(rate) in {"inf", "None"} or (isinstance(rate, float) and math.isinf(rate))
    if concurrency is None and everything:
        concurrency = found.get("num_prompts")
    itl = found.get("mean_tpot_ms") or found.get("mean_itl_ms")
    ttft = number(found, "mean_ttft_ms")
    return run_of(
        options,
        label=str(found.get("date") or "run"),
        model=str(found.get("model_id") or ""),
        prompt=number(found, "total_input_tokens") / done,
        output=number(found, "total_output_tokens") / done,
        concurrency=None if concurrency is None else float(concurrency),
        rate=None if everything else float(rate),  # type: ignore[arg-type]  # a number where not everything at once
        ttft=ttft,
        itl=None if itl is None else float(itl),
        e2e=found.get("mean_e2el_ms"),
    )


def read_aiperf(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """The JSON that AIPerf exports (profile_export_aiperf.json): means over one run."""
    yield from checked(report, path.name, partial(aiperf_run, document_of(path, "aiperf"), options))


def aiperf_run(found: dict[str, Any], options: ImportOptions) -> Run:
    """The run of a file with one profiling phase.

    The load stands in the configuration, which AIPerf does not promise to keep: once under `loadgen` and
    `endpoint`, in 0.13 under `phases` and `models`.

    Raises:
        InvalidInput: it was cancelled, or no request came through.
    """
    if found.get("was_cancelled"):
        raise InvalidInput("was_cancelled", "the run was broken off")
    config = found.get("input_config") or {}
    phases = [phase for phase in config.get("phases") or [] if phase.get("kind", "profiling") == "profiling"]
    if len(phases) > 1:
        raise InvalidInput("input_config.phases", f"{len(phases)} profiling phases are mixed in one summary")
    load = phases[0] if phases else config.get("loadgen") or {}
    named = [str(item.get("name")) for item in (config.get("models") or {}).get("items") or []]
    names = named or (config.get("endpoint") or {}).get("model_names") or [""]
    concurrency, rate = load.get("concurrency"), load.get("rate", load.get("request_rate"))
    return run_of(
        options,
        label=str(found.get("start_time") or "run"),
        model=str(names[0]),
        prompt=mean(found, "input_sequence_length"),
        output=mean(found, "output_sequence_length"),
        concurrency=None if concurrency is None or rate is not None else float(concurrency),
        rate=None if rate is None else float(rate),
        ttft=latency_ms(found, "time_to_first_token"),
        itl=latency_ms(found, "inter_token_latency"),
        e2e=latency_ms(found, "request_latency"),
    )


def read_llmd(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """An llm-d benchmark report, version 0.2: the aggregate of one stage.

    Raises:
        InvalidInput: another version.
    """
    document = document_of(path, "llmd")
    if str(document.get("version")) not in {"0.2", "0.2.0"}:
        raise InvalidInput("PATH", f"{path.name}: version {document.get('version')}; 0.2 is read.")
    yield from checked(report, path.name, partial(llmd_run, document, options))


def llmd_run(found: dict[str, Any], options: ImportOptions) -> Run:
    """The run of a file; stacks with separate prefill and decode engines are refused."""
    engines = [
        entry["standardized"]
        for entry in found["scenario"]["stack"]
        if (entry.get("metadata") or {}).get("kind") == "inference_engine"
    ]
    if not engines:
        raise InvalidInput("scenario.stack", "holds no inference_engine")
    engine = engines[0]
    if engine.get("role") in {"prefill", "decode"} and not len({e.get("role") for e in engines}) == 1:
        raise InvalidInput("scenario.stack", "prefill and decode run apart, which is not one replica")
    accelerator = engine.get("accelerator") or {}
    parallel = accelerator.get("parallelism") or {}
    load = found["scenario"]["load"]["standardized"]
    seen = found["results"]["request_performance"]["aggregate"]
    requests, latency = seen["requests"], seen["latency"]
    concurrency, rate = load.get("concurrency"), load.get("rate_qps")
    itl = "time_per_output_token" if "time_per_output_token" in latency else "inter_token_latency"
    return run_of(
        options,
        label=str((found.get("run") or {}).get("uid") or "run"),
        model=str((engine.get("model") or {}).get("name") or ""),
        gpu=gpu_product(str(accelerator.get("model") or "")),
        tensor_parallel=int(parallel.get("tp") or accelerator.get("count") or 1),
        prompt=mean(requests, "input_length"),
        output=mean(requests, "output_length"),
        concurrency=None if concurrency is None or math.isinf(float(concurrency)) else float(concurrency),
        rate=None if rate is None else float(rate) / len(engines),
        ttft=latency_ms(latency, "time_to_first_token"),
        itl=latency_ms(latency, itl),
        e2e=latency_ms(latency, "request_latency"),
    )


def gpu_product(label: str) -> str:
    """The catalog's words for a node's product label: "NVIDIA-H100-80GB-HBM3" is an H100."""
    return " ".join(word for word in label.split("-") if word.upper() not in NO_NAME)


def read_guidellm(path: Path, report: LoadReport, options: ImportOptions) -> Iterator[Run]:
    """A GuideLLM report (benchmarks.json): an entry a load."""
    document = document_of(path, "guidellm")
    for at, entry in enumerate(document["benchmarks"]):
        yield from checked(report, f"benchmarks[{at}]", partial(guidellm_run, document, entry, at, options))


def guidellm_run(document: dict[str, Any], found: dict[str, Any], at: int, options: ImportOptions) -> Run:
    """The run of one load; latencies are of successful requests, concurrency as measured."""
    metrics = found["metrics"]

    def seen(name: str) -> float:
        value = metrics[name]
        return float((value.get("successful") or value)["mean"])

    strategy = ((found.get("config") or found.get("args") or {}).get("strategy")) or {}
    rate = strategy.get("rate") if strategy.get("type_") in {"constant", "poisson"} else None
    return run_of(
        options,
        label=f"benchmark-{at}",
        model=model_in(document, found),
        prompt=seen("prompt_token_count"),
        output=seen("output_token_count"),
        concurrency=None if rate else max(1.0, seen("request_concurrency")),
        rate=None if rate is None else float(rate),
        ttft=seen("time_to_first_token_ms"),
        itl=seen("inter_token_latency_ms"),
        e2e=seen("request_latency") * 1000.0,
    )


def model_in(document: dict[str, Any], found: dict[str, Any]) -> str:
    """Where a GuideLLM report names the model: it moved between versions."""
    for place in (document, found):
        for key in ("args", "config", "backend", "worker"):
            part = place.get(key)
            if isinstance(part, dict):
                for name in ("model", "backend_model", "target_model"):
                    if isinstance(part.get(name), str):
                        return str(part[name])
                inner = part.get("backend")
                if isinstance(inner, dict) and isinstance(inner.get("model"), str):
                    return str(inner["model"])
    return ""


def number(found: dict[str, Any], name: str) -> float:
    """A number that must be there.

    Raises:
        InvalidInput: missing, or no number above 0.
    """
    value = found.get(name)
    if not isinstance(value, int | float) or not value > 0:
        raise InvalidInput(name, f"{value} is no number above 0")
    return float(value)


def mean(found: dict[str, Any], name: str) -> float:
    """The mean of a distribution."""
    value = found[name]
    return float(value.get("mean", value.get("avg")))


def latency_ms(found: dict[str, Any], name: str) -> float | None:
    """The mean of a latency in ms, from whatever unit it is in; None where it is missing.

    Raises:
        InvalidInput: an unknown unit.
    """
    if name not in found or found[name] is None:
        return None
    unit = str(found[name].get("units") or found[name].get("unit"))
    if unit not in UNITS_MS:
        raise InvalidInput(name, f"the unit {unit} is not known")
    return mean(found, name) * UNITS_MS[unit]


def run_of(
    options: ImportOptions,
    *,
    label: str,
    model: str,
    prompt: float,
    output: float,
    concurrency: float | None,
    rate: float | None,
    ttft: float | None,
    itl: float | None,
    e2e: float | None,
    gpu: str = "",
    tensor_parallel: int = 1,
) -> Run:
    """The run of one replica, with the import options."""
    size = options.tensor_parallel or tensor_parallel
    return Run(
        label=label,
        model=model_of(options, model),
        gpu=gpu_of(options, gpu),
        precision=precision_of(options, model or options.model),
        engine_version=options.engine_version,
        gpus=size,
        tensor_parallel=size,
        data_parallel=1,
        expert_parallel=1,
        prompt_tokens=prompt,
        output_tokens=output,
        concurrency=concurrency,
        request_rate=rate,
        ttft_ms=ttft,
        itl_ms=itl,
        e2e_ms=e2e,
    )
