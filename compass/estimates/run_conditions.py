"""How a published run was served and asked: what its row says of server flags and of the client."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from compass.capacity import Configuration
from compass.capacity.evidence_runs import as_measured
from compass.capacity.memory import memory
from compass.capacity.shapes import shapes
from compass.capacity.vllm_releases import (
    is_first_engine,
    minor_release,
    release_on,
    usual_batched_tokens,
    usual_sequences,
)

SPREADS = {
    "random": (0.02, 0.0),
    "synthetic": (0.02, 0.0),
    "sonnet": (0.05, 0.05),
    "sharegpt": (1.0, 0.8),
}
"""Standard deviation over mean of prompts and outputs, by a word of the data set's name. `vllm bench serve`
sends random prompts of one length and ignores the end; ShareGPT's own spread is about one."""
USUAL_SPREAD = (0.4, 0.4)
ENDING_SPREAD = 0.3
"""Of outputs that the model itself may end: the run was told so, or its mean length is no whole number."""
USUAL_UTILIZATION = 0.9
TIGHT = 0.1
"""Share of the memory left for the KV cache below which people raise `--gpu-memory-utilization`."""
TIGHT_UTILIZATION = 0.95


@dataclass(frozen=True)
class Conduct:
    """Server flags and the client's habits."""

    prompt_spread: float
    """Standard deviation over mean, as the next."""
    output_spread: float
    constant: bool
    """Requests come at a constant interval, and not as a Poisson stream."""
    network_ms: float
    """Between client and server, a request."""
    whole_prompts: bool
    """Every waiting prompt is computed before decoding goes on: vLLM's first scheduler, up to 0.7."""


def conduct_of(row: dict[str, str]) -> Conduct:
    """What a row says, and vLLM's defaults for the rest."""
    notes = (row.get("notes") or "").casefold()
    prompts, outputs = spread_of(row.get("dataset") or "")
    if range_percent := told(notes, r"\+-\s*(\d+)\s*%"):
        prompts = outputs = max(prompts, outputs, range_percent / 100)
    mean = float(row.get("output_tokens") or 0)
    if "no ignore-eos" in notes or abs(mean - round(mean)) > 0.05:
        outputs = max(outputs, ENDING_SPREAD)
    return Conduct(
        prompt_spread=prompts,
        output_spread=outputs,
        constant=re.search(r"constant (?:arrivals|rate|interval)", notes) is not None,
        network_ms=told(notes, r"(\d+) ms floor on ttft") or 0.0,
        whole_prompts=is_first_engine(release_of(row)),
    )


def is_published(row: dict[str, str]) -> bool:
    """Whether a row says how requests were sent; others are closed loops in their stride."""
    return bool(row.get("load") or not row.get("concurrency"))


def served_as(config: Configuration, row: dict[str, str]) -> Configuration:
    """The configuration with the server flags that decide on memory; a shipped run's say nothing of them."""
    if not is_published(row):
        return as_measured(config)
    notes = (row.get("notes") or "").casefold()
    tokens = flag(notes, "max-num-batched-tokens") or usual_batched_tokens(config.gpu)
    said = flag(notes, "gpu-memory-utilization")
    served = replace(
        config,
        cache=cache_of(row),
        batched_tokens=int(tokens),
        sequences=int(flag(notes, "max-num-seqs") or usual_sequences(config.gpu, config.engine_version)),
        utilization=said or USUAL_UTILIZATION,
    )
    left = memory(shapes([served]))
    room = left.usable_gib[0] - left.weights_gib[0] - left.runtime_gib[0]
    if said is None and room < TIGHT * config.gpu.memory_gib:
        return replace(served, utilization=TIGHT_UTILIZATION)
    return served


def said_prompts(row: dict[str, str]) -> float | None:
    """Requests of a run where only its notes tell: "number of prompts not printed (…, so about 100 …)"."""
    return told((row.get("notes") or "").casefold(), r"number of prompts[^;]*\babout (\d+)")


def release_of(row: dict[str, str]) -> str | None:
    """The engine's release as the row names it, else that of the row's day."""
    said = row.get("engine_version") or ""
    if minor_release(said) >= 0:
        return said
    day = row.get("measured") or row.get("published") or ""
    return release_on(f"{day}-07" if len(day) == len("2026") else day)


def spread_of(dataset: str) -> tuple[float, float]:
    """Spread of prompt and output lengths of a data set."""
    name = dataset.casefold()
    return next((spread for word, spread in SPREADS.items() if word in name), USUAL_SPREAD)


def flag(notes: str, name: str) -> float | None:
    """The number that follows a flag's name."""
    return told(notes, rf"{name}[ =](\d+(?:\.\d+)?)")


def told(notes: str, pattern: str) -> float | None:
    """The number that a pattern's group finds in the notes."""
    found = re.search(pattern, notes)
    return float(found[1]) if found else None


def cache_of(row: dict[str, str]) -> Literal["bf16", "fp8"]:
    """Type of the KV cache's values.

    Where a published run says nothing, vLLM's default holds: 16 bits, unless the checkpoint brings scales, as
    NVIDIA's own quantised ones do.
    """
    said = (row.get("kv_dtype") or "").casefold()
    if "fp8" in said:
        return "fp8"
    model = row["model"].casefold()
    return (
        "fp8" if not said and model.startswith("nvidia/") and ("fp8" in model or "fp4" in model) else "bf16"
    )
