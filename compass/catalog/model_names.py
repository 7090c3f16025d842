"""Models and GPUs by the names that benchmark files use, also those outside the catalog."""

import functools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from compass.catalog import Architecture, Gpu, architecture_from_config, find_gpu, load_catalog
from compass.catalog.types import LatentAttention, Precision, SlidingWindow
from compass.core import InvalidInput, NotFound, parse_yaml

DATA = Path(__file__).parent / "data"

# What names add to a model's own: formats, tunings, dates. Stripped until nothing is left to strip.
DECORATION = re.compile(
    r"[-_. ](?:instruct|it|chat|base|hf|fp8(?:[-_]?(?:dynamic|kv|block))?|kv|bf16|fp16|awq|gptq|int4|"
    r"int8|w4a16|w8a8|w8a16|4bit|8bit|nvfp4|mxfp4|fp4|quantized|dynamic|autoround|auto-round|marlin|thinking|reasoning|preview|vision|heretic|exp|latest|\d{4}|v\d(?:\.\d)?)$"
)
PRECISIONS: dict[str, Precision] = {
    "bf16": "bf16", "fp16": "bf16", "float16": "bf16", "bfloat16": "bf16", "half": "bf16", "fp8": "fp8",
    "int8": "int8", "w8a8": "int8", "w8a16": "int8", "int4": "int4", "awq": "int4", "gptq": "int4",
    "w4a16": "int4",
    "mxfp4": "mxfp4", "fp4": "nvfp4", "nvfp4": "nvfp4",
}  # fmt: skip

ALL_LINEAR = re.compile(r"awq|gptq|w4a16|auto-?round", re.IGNORECASE)
"""Formats of people who quantise others' models: all linear layers, not the experts alone."""

Known = Literal["catalog", "remembered", "guessed"]


@dataclass(frozen=True)
class Resolved:
    """A model's dimensions, and how they are known; `guessed` from the size in its name."""

    name: str
    architecture: Architecture
    parameters_b: float
    active_parameters_b: float
    known: Known


def stem(name: str) -> str:
    """A model's own name: no organisation, no format, no tuning."""
    short = name.rsplit("/", 1)[-1].casefold().split("(")[0].strip().replace("_", "-")
    short = short.removeprefix("meta-").removeprefix("nvidia-")
    while (cut := DECORATION.sub("", short)) != short:
        short = cut
    return short


def quantises_all(checkpoint: str) -> bool:
    """Whether a 4-bit checkpoint of a mixture has its attention quantised as well, by its name or format."""
    return ALL_LINEAR.search(checkpoint) is not None


@functools.cache
def catalog_stems() -> dict[str, int]:
    """Stem → position of each model of the catalog."""
    return {stem(model.id): at for at, model in enumerate(load_catalog().models)}


@functools.cache
def remembered() -> dict[str, dict[str, Any]]:
    """Name → entry of data/architectures.yaml."""
    entries = parse_yaml((DATA / "architectures.yaml").read_text(encoding="utf-8"))
    return {stem(name): entry for entry in entries for name in entry["names"]}


@functools.cache
def resolve_model(name: str) -> Resolved:
    """The model's dimensions.

    Raises:
        NotFound: neither known nor of a size that its name tells.
    """
    short = stem(name)
    at = catalog_stems().get(short)
    if at is not None:
        model = load_catalog().models[at]
        return Resolved(
            model.id, model.architecture, model.parameters_b, model.active_parameters_b, "catalog"
        )
    if short in remembered():
        return from_entry(name, remembered()[short])
    return guessed(name, short)


def from_entry(name: str, entry: dict[str, Any]) -> Resolved:
    """Dimensions of a data file's entry: a short row of them, or what a configuration file says."""
    if "config" in entry:
        architecture, total, active = architecture_from_config(entry["config"])
        return Resolved(name, architecture, total, active, "remembered")
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
    return Resolved(name, architecture, float(total), float(active), "remembered")


def guessed(name: str, short: str) -> Resolved:
    """Usual dimensions for the size in a name: "Foo-13B", "Foo-30B-A3B", "8x7B".

    Raises:
        NotFound: the name tells no size.
    """
    experts = re.search(r"(\d+)x(\d+(?:\.\d+)?)b", short)
    size = re.search(r"(?<![a-z\d])e?(\d+(?:\.\d+)?)b(?![a-z])", short)
    active = re.search(r"a(\d+(?:\.\d+)?)b(?![a-z])", short)
    if experts:
        total = float(experts[1]) * float(experts[2]) * 0.83
        return mixture(name, total, total * 2 / float(experts[1]) * 1.1)
    if size is None:
        raise NotFound(f'No model called "{name}", and its name tells no size. Give its config.json.')
    total = float(size[1])
    return mixture(name, total, float(active[1])) if active else dense(name, total)


def dense(name: str, total: float) -> Resolved:
    """A dense decoder: width and depth grow together, as the open families' do."""
    hidden = 128 * round(4096 * (total / 8.0) ** 0.38 / 128)
    layers = max(16, round(32 * (total / 8.0) ** 0.3))
    heads = max(8, hidden // 128)
    inner = max(hidden, round((total * 1e9 / layers - 2.5 * hidden**2) / (3 * hidden) / 128) * 128)
    architecture = Architecture(
        layers=layers, hidden_size=hidden, intermediate_size=inner, attention_heads=heads, kv_heads=8,
        head_dim=128, vocab_size=151_936,
    )  # fmt: skip
    return Resolved(name, architecture, total, total, "guessed")


def mixture(name: str, total: float, active: float) -> Resolved:
    """A mixture of experts: 8 chosen of as many as the sizes ask for."""
    hidden = 128 * round(2048 * (active / 3.0) ** 0.4 / 128)
    layers = max(24, round(48 * (active / 3.0) ** 0.2))
    experts = int(2 ** round(math.log2(max(8.0, 8 * total / active * 0.9))))
    inner = max(256, round(total * 1e9 * 0.95 / (layers * experts * 3 * hidden) / 64) * 64)
    architecture = Architecture(
        layers=layers, hidden_size=hidden, intermediate_size=inner * 8, attention_heads=max(16, hidden // 64),
        kv_heads=4, head_dim=128, vocab_size=151_936, experts=experts,
        experts_per_token=8, moe_intermediate_size=inner,
    )  # fmt: skip
    return Resolved(name, architecture, total, active, "guessed")


@functools.cache
def other_gpus() -> dict[str, Gpu]:
    """GPUs of data/other_gpus.yaml by lower-case name."""
    entries = parse_yaml((DATA / "other_gpus.yaml").read_text(encoding="utf-8"))
    return {entry["name"].casefold(): Gpu.model_validate(entry) for entry in entries}


@functools.cache
def resolve_gpu(name: str) -> Gpu:
    """A GPU of the catalog, or one that only benchmark files know.

    Raises:
        NotFound: names the nearest of the catalog.
    """
    return other_gpus().get(name.casefold()) or find_gpu(load_catalog(), name)


def resolve_precision(said: str, model: str) -> Precision:
    """The format of the weights, from its column or, where that is empty, from the model's name.

    Raises:
        InvalidInput: an unknown format.
    """
    text = said.strip().casefold()
    if not text:
        text = next((word for word in PRECISIONS if re.search(rf"[-_.]{word}\b", model.casefold())), "bf16")
    if text not in PRECISIONS:
        raise InvalidInput("precision", f'"{said}" is not known. Known: {", ".join(PRECISIONS)}.')
    return PRECISIONS[text]
