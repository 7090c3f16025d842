"""Dimensions of models that the catalog lacks: known from a data file, or guessed from a size."""

import functools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compass.catalog.config import architecture_from_config
from compass.catalog.types import Architecture, LatentAttention, SlidingWindow
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Dimensions:
    """A model's architecture, with total and active parameters in billions."""

    architecture: Architecture
    parameters_b: float
    active_parameters_b: float


@functools.cache
def known_models() -> dict[str, Dimensions]:
    """Name → dimensions of each model of data/architectures.yaml."""
    entries = parse_yaml((DATA / "architectures.yaml").read_text(encoding="utf-8"))
    return {name: from_entry(entry) for entry in entries for name in entry["names"]}


def from_entry(entry: dict[str, Any]) -> Dimensions:
    """Dimensions of a data file's entry: a short row of them, or what a configuration file says."""
    if "config" in entry:
        architecture, total, active = architecture_from_config(entry["config"])
        return Dimensions(architecture, total, active)
    layers, hidden, intermediate, heads, kv_heads, head_dim, vocabulary, total, active = entry["shape"]
    values: dict[str, Any] = {}
    if "experts" in entry:
        experts, chosen, size, shared, dense = entry["experts"]
        values |= {
            "experts": experts, "experts_per_token": chosen, "moe_intermediate_size": size,
            "shared_experts": shared, "dense_layers_first": dense,
        }  # fmt: skip
    if "window" in entry:
        values["sliding_window"] = SlidingWindow(size=entry["window"][0], layer_fraction=entry["window"][1])
    if "mla" in entry:
        lora, query, rope, nope, value = entry["mla"]
        values["mla"] = LatentAttention(
            kv_lora_rank=lora,
            q_lora_rank=query,
            qk_rope_head_dim=rope,
            qk_nope_head_dim=nope,
            v_head_dim=value,
        )
    architecture = Architecture(
        layers=layers, hidden_size=hidden, intermediate_size=intermediate, attention_heads=heads,
        kv_heads=kv_heads, head_dim=head_dim, vocab_size=vocabulary,
        tie_embeddings=entry.get("tie", False), **values,
    )  # fmt: skip
    return Dimensions(architecture, float(total), float(active))


def dimensions_by_size(short: str) -> Dimensions | None:
    """Usual dimensions for the size in a lower-case name ("13b", "30b-a3b", "8x7b"); None without one."""
    experts = re.search(r"(\d+)x(\d+(?:\.\d+)?)b", short)
    size = re.search(r"(?<![a-z\d])e?(\d+(?:\.\d+)?)b(?![a-z])", short)
    active = re.search(r"a(\d+(?:\.\d+)?)b(?![a-z])", short)
    if experts:
        total = float(experts[1]) * float(experts[2]) * 0.83
        return mixture(total, total * 2 / float(experts[1]) * 1.1)
    if size is None:
        return None
    total = float(size[1])
    return mixture(total, float(active[1])) if active else dense(total)


def dense(total: float) -> Dimensions:
    """Dimensions of a dense decoder: width and depth grow together, as in the open families."""
    hidden = 128 * round(4096 * (total / 8.0) ** 0.38 / 128)
    layers = max(16, round(32 * (total / 8.0) ** 0.3))
    heads = max(8, hidden // 128)
    inner = max(hidden, round((total * 1e9 / layers - 2.5 * hidden**2) / (3 * hidden) / 128) * 128)
    architecture = Architecture(
        layers=layers, hidden_size=hidden, intermediate_size=inner, attention_heads=heads, kv_heads=8,
        head_dim=128, vocab_size=151_936,
    )  # fmt: skip
    return Dimensions(architecture, total, total)


def mixture(total: float, active: float) -> Dimensions:
    """Dimensions of a mixture of experts with 8 active experts."""
    hidden = 128 * round(2048 * (active / 3.0) ** 0.4 / 128)
    layers = max(24, round(48 * (active / 3.0) ** 0.2))
    experts = int(2 ** round(math.log2(max(8.0, 8 * total / active * 0.9))))
    inner = max(256, round(total * 1e9 * 0.95 / (layers * experts * 3 * hidden) / 64) * 64)
    architecture = Architecture(
        layers=layers, hidden_size=hidden, intermediate_size=inner * 8, attention_heads=max(16, hidden // 64),
        kv_heads=4, head_dim=128, vocab_size=151_936, experts=experts,
        experts_per_token=8, moe_intermediate_size=inner,
    )  # fmt: skip
    return Dimensions(architecture, total, active)
