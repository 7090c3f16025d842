"""Server flags and client settings parsed from a benchmark row."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from compass.capacity import (
    Configuration,
    as_measured,
    is_first_engine,
    memory_of,
    minor_release,
    release_on,
    shapes_of,
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
"""Spread of outputs that the model may end itself: the notes say so, or the mean length is no whole
number."""
USUAL_UTILIZATION = 0.9
TIGHT = 0.1
"""Share of the memory left for the KV cache below which people raise `--gpu-memory-utilization`."""
TIGHT_UTILIZATION = 0.95


@dataclass(frozen=True)
class RunConditions:
    """Server flags and client settings of a run."""

    prompt_spread: float
    """Standard deviation over mean of prompt lengths."""
    output_spread: float
    """Standard deviation over mean of output lengths."""
    constant: bool
    """Requests arrive at a constant interval, not as a Poisson stream."""
    network_ms: float
    """Network delay of a request between client and server."""
    whole_prompts: bool
    """All waiting prompts are prefilled before decoding continues: vLLM's V0 engine, up to 0.7."""


def run_conditions(row: dict[str, str]) -> RunConditions:
    """Parse the conditions of a row; vLLM's defaults hold where it says nothing."""
    notes = (row.get("notes") or "").casefold()
    prompts, outputs = spread_of(row.get("dataset") or "")
    if range_percent := number_in_notes(notes, r"\+-\s*(\d+)\s*%"):
        prompts = outputs = max(prompts, outputs, range_percent / 100)
    mean = float(row.get("output_tokens") or 0)
    if "no ignore-eos" in notes or abs(mean - round(mean)) > 0.05:
        outputs = max(outputs, ENDING_SPREAD)
    return RunConditions(
        prompt_spread=prompts,
        output_spread=outputs,
        constant=re.search(r"constant (?:arrivals|rate|interval)", notes) is not None,
        network_ms=number_in_notes(notes, r"(\d+) ms floor on ttft") or 0.0,
        whole_prompts=is_first_engine(release_of(row)),
    )


def is_published(row: dict[str, str]) -> bool:
    """True if the row states its arrival pattern; otherwise a steady-state closed loop is assumed."""
    return bool(row.get("load") or not row.get("concurrency"))


def with_server_flags(config: Configuration, row: dict[str, str]) -> Configuration:
    """The configuration with the server flags that a row states, vLLM's defaults for the rest."""
    if not is_published(row):
        return as_measured(config)
    notes = (row.get("notes") or "").casefold()
    tokens = flag_in_notes(notes, "max-num-batched-tokens") or usual_batched_tokens(config.gpu)
    said = flag_in_notes(notes, "gpu-memory-utilization")
    served = replace(
        config,
        cache=cache_of(row),
        batched_tokens=int(tokens),
        sequences=int(
            flag_in_notes(notes, "max-num-seqs") or usual_sequences(config.gpu, config.engine_version)
        ),
        utilization=said or USUAL_UTILIZATION,
    )
    left = memory_of(shapes_of([served]))
    room = left.usable_gib[0] - left.weights_gib[0] - left.runtime_gib[0]
    if said is None and room < TIGHT * config.gpu.memory_gib:
        return replace(served, utilization=TIGHT_UTILIZATION)
    return served


def prompts_in_notes(row: dict[str, str]) -> float | None:
    """The number of requests as the notes state it: "number of prompts not printed (…, so about 100 …)"."""
    return number_in_notes((row.get("notes") or "").casefold(), r"number of prompts[^;]*\babout (\d+)")


def release_of(row: dict[str, str]) -> str | None:
    """The engine's release as stated, else the one that was current on the row's day."""
    said = row.get("engine_version") or ""
    if minor_release(said) >= 0:
        return said
    day = row.get("measured") or row.get("published") or ""
    return release_on(f"{day}-07" if len(day) == len("2026") else day)


def spread_of(dataset: str) -> tuple[float, float]:
    """Spread (standard deviation over mean) of prompt and output lengths of a data set."""
    name = dataset.casefold()
    return next((spread for word, spread in SPREADS.items() if word in name), USUAL_SPREAD)


def flag_in_notes(notes: str, name: str) -> float | None:
    """The number that follows a flag's name in the notes."""
    return number_in_notes(notes, rf"{name}[ =](\d+(?:\.\d+)?)")


def number_in_notes(notes: str, pattern: str) -> float | None:
    """The number that a pattern's first group matches in the notes."""
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
