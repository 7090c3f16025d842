"""vLLM releases: their numbers, days and default flags."""

import re

from compass.catalog import Gpu

UNSTATED = -1.0
NIGHTLY = 20.0
"""A nightly build counts as the release after the newest measured."""
LARGE_GIB = 70.0
"""vLLM's defaults are those of a large GPU from this much memory on, A100 excepted (`EngineArgs`)."""
FIRST_OF_V1 = 8
"""Minor release from which prompts come in chunks beside decoding (the V1 engine)."""
RELEASES = (
    ("2024-03-30", "0.4.0"),
    ("2024-06-11", "0.5.0"),
    ("2024-09-05", "0.6.0"),
    ("2025-01-27", "0.7.0"),
    ("2025-03-19", "0.8.0"),
    ("2025-05-27", "0.9.0"),
    ("2025-07-24", "0.10.0"),
    ("2025-10-02", "0.11.0"),
    ("2025-12-03", "0.12.0"),
    ("2025-12-19", "0.13.0"),
    ("2026-01-20", "0.14.0"),
    ("2026-01-29", "0.15.0"),
    ("2026-02-24", "0.16.0"),
    ("2026-03-07", "0.17.0"),
    ("2026-03-20", "0.18.0"),
    ("2026-04-03", "0.19.0"),
    ("2026-05-01", "0.20.0"),
    ("2026-06-01", "0.22.0"),
    ("2026-07-01", "0.24.0"),
)
"""Days of vLLM's minor releases; those of 2026 from the first day or month that a run names one."""


def minor_release(version: str | None) -> float:
    """The minor number of a release: 0.12.0 → 12; not stated → −1."""
    if not version:
        return UNSTATED
    if "nightly" in version:
        return NIGHTLY
    found = re.search(r"(?<![\d.])0\.([1-9]\d*)", version)
    return float(found[1]) if found else UNSTATED


def release_on(day: str) -> str | None:
    """The release that was current on a day (yyyy-mm-dd), for runs that do not name theirs."""
    current = [release for since, release in RELEASES if since <= day]
    return current[-1] if current else None


def usual_sequences(gpu: Gpu, version: str | None = None) -> int:
    """VLLM's default of `--max-num-seqs`, the most sequences of a step."""
    return 1024 if is_large(gpu) and not is_first_engine(version) else 256


def usual_batched_tokens(gpu: Gpu) -> int:
    """VLLM's default of `--max-num-batched-tokens`, the most tokens of a step."""
    return 8192 if is_large(gpu) else 2048


def is_first_engine(version: str | None) -> bool:
    """True for vLLM's V0 engine, up to 0.7, which prefills every waiting prompt before it decodes on."""
    return 0 <= minor_release(version) < FIRST_OF_V1


def is_large(gpu: Gpu) -> bool:
    """True if vLLM's defaults for large GPUs hold."""
    return gpu.memory_gib >= LARGE_GIB and not gpu.name.startswith("A100")
