"""What published runs teach beyond the shipped ones: other GPUs, other habits, wider intervals."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tools.capacity.names import Known
from tools.capacity.types import Configuration, Prediction

DATA = Path(__file__).parent / "data" / "field.yaml"
# A prediction closer than this to a shipped run is that run's business: published habits do not move it.
NEAR = 1.0


@dataclass(frozen=True)
class Adjusted:
    """Typical latencies in ms, the factors of their 80 % intervals, and the kind of evidence in words."""

    ttft_ms: float
    itl_ms: float
    ttft_factor: float
    itl_factor: float
    evidence: str


@functools.cache
def factors() -> dict[str, Any]:
    """The data file: logarithms of factors by property, and the spreads that are left."""
    content: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return content


def properties(config: Configuration, known: Known, row: dict[str, str]) -> list[str]:
    """What a configuration has in common with others: the keys under which published runs were averaged."""
    version = config.engine_version or row.get("engine_version") or ""
    numbers = version.split(".")
    old = len(numbers) > 1 and numbers[0] == "0" and numbers[1].isdigit() and int(numbers[1]) < 9
    over_pcie = config.tensor_parallel > 1 and config.gpu.interconnect_gb_s < 60
    found = [
        f"gpu {config.gpu.name}",
        f"family {config.gpu.vendor} {config.gpu.architecture}",
        f"precision {config.precision}",
        f"precision {config.precision} on {config.gpu.architecture}",
        f"architecture {'moe' if config.architecture.experts else 'dense'}",
        f"known {known}",
        f"tensor parallel {'over PCIe' if over_pcie else 'else'}",
        "engine before 0.9" if old else "engine 0.9 and later",
    ]
    if config.parameters_b < 4:
        found.append("small model")
    if row.get("load", "") in ("open", "burst"):
        found.append(f"load {row['load']}")
    return found


def adjusted(
    prediction: Prediction, config: Configuration, known: Known, row: dict[str, str], opened: object = None
) -> Adjusted:
    """A prediction of shape (1, 1) moved by what published runs of its kind showed, with their spread."""
    ttft, itl = float(prediction.ttft_ms[0, 0]), float(prediction.itl_ms[0, 0])
    distance = float(prediction.distance[0])
    ttft_spread, itl_spread = float(prediction.ttft_log_spread[0, 0]), float(prediction.itl_log_spread[0, 0])
    shipped = "run" in row or distance < NEAR
    if shipped and opened is None:
        kind = "measured" if distance < 0.05 else "estimated"
        return Adjusted(ttft, itl, float(np.exp(ttft_spread)), float(np.exp(itl_spread)), kind)
    load = "closed" if row.get("load", "closed") == "closed" and not row.get("request_rate") else "open"
    ttft_table, itl_table = factors()["ttft"][load], factors()["itl"][load]
    keys = properties(config, known, row)
    ttft_move = sum(ttft_table["effects"].get(key, 0.0) for key in keys) + ttft_table["mean"]
    itl_move = sum(itl_table["effects"].get(key, 0.0) for key in keys) + itl_table["mean"]
    return Adjusted(
        ttft_ms=ttft * float(np.exp(ttft_move)),
        itl_ms=itl * float(np.exp(itl_move)),
        ttft_factor=float(np.exp(ttft_table["spread"])),
        itl_factor=float(np.exp(itl_table["spread"])),
        evidence="estimated",
    )
