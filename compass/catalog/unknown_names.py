"""What is said of GPUs and models that the catalog lacks: what is known of them, and the nearest known."""

import functools
import math
import re
from pathlib import Path

from pydantic import ConfigDict

from compass.catalog.types import Catalog, Gpu
from compass.core import Frozen, NotFound, parse_yaml, unknown

DATA = Path(__file__).parent / "data"
NEAREST = 2


class UnplannedGpu(Frozen):
    """A GPU outside of the catalog, as far as errors speak of it."""

    model_config = ConfigDict(extra="ignore")

    name: str
    aliases: tuple[str, ...] = ()
    memory_gib: float
    memory_bandwidth_gb_s: float


@functools.cache
def unplanned_gpus() -> dict[tuple[str, ...], UnplannedGpu]:
    """GPUs outside of the catalog, by the pieces of each of their names; of data sheets first."""
    entries = [
        entry
        for name in ("data_sheet_gpus", "unplanned_gpus")
        for entry in parse_yaml((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    ]
    gpus = [UnplannedGpu.model_validate(entry) for entry in entries]
    return {pieces(name): gpu for gpu in gpus for name in (gpu.name, *gpu.aliases)}


def pieces(name: str) -> tuple[str, ...]:
    """A name without case and separators, in pieces."""
    return tuple(re.findall(r"[a-z\d]+", name.casefold()))


def unplanned_gpu(name: str) -> UnplannedGpu | None:
    """What is known of a GPU that the catalog lacks; None where nothing is.

    Of versions with different memory the smallest is meant where the name does not say: "V100".
    """
    said, known = pieces(name), unplanned_gpus()
    versions = [gpu for own, gpu in known.items() if said and own[: len(said)] == said]
    return known.get(said) or min(versions, key=lambda gpu: gpu.memory_gib, default=None)


def unknown_gpu(catalog: Catalog, name: str) -> NotFound:
    """The error for a GPU that the catalog lacks; the caller raises it.

    It says what is known of the GPU, and which known ones are nearest by memory and bandwidth.
    """
    known = unplanned_gpu(name)
    if known is None:
        error = unknown("GPU", name, [gpu.name for gpu in catalog.gpus])
        return NotFound(f"{error} Nothing is known of it: name one that is near it in memory and bandwidth.")
    nearest = " or ".join(described(gpu) for gpu in nearest_gpus(catalog, known))
    return NotFound(
        f'No GPU called "{name}" is planned with: no price and no measured speed of it is known, only'
        f" {known.memory_gib:.0f} GiB at {known.memory_bandwidth_gb_s:,.0f} GB/s. The nearest is {nearest}."
        " Name it to plan with it instead."
    )


def described(gpu: Gpu) -> str:
    """A GPU with its memory and bandwidth."""
    return f"{gpu.name} ({gpu.memory_gib:.0f} GiB, {gpu.memory_bandwidth_gb_s:,.0f} GB/s)"


def nearest_gpus(catalog: Catalog, to: UnplannedGpu) -> list[Gpu]:
    """Known GPUs by how far memory and bandwidth are apart as ratios, the nearest first."""

    def distance(gpu: Gpu) -> float:
        memory = abs(math.log(gpu.memory_gib / to.memory_gib))
        return memory + abs(math.log(gpu.memory_bandwidth_gb_s / to.memory_bandwidth_gb_s))

    return sorted(catalog.gpus, key=distance)[:NEAREST]


def unknown_model(catalog: Catalog, name: str) -> NotFound:
    """The error for a model that the catalog lacks, with the nearest known ones; the caller raises it."""
    error = unknown("model", name, [model.name for model in catalog.models])
    return NotFound(
        f"{error} Any other is planned for by its size in the name (acme-30b, acme-30b-a3b), or by its "
        "config.json: compass models add NAME config.json."
    )
