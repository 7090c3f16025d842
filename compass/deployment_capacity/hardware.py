"""The GPUs that a capacity question is about: of the catalog, or known from a data sheet."""

from dataclasses import dataclass

from compass.catalog import Catalog, Gpu, data_sheet_versions, find_gpu, gpu_by_data_sheet, match_gpus
from compass.planning import Assumption, Wishes

GPUS_A_NODE = 8
"""Where a GPU is not the only one of its machine."""


@dataclass(frozen=True)
class Hardware:
    """GPUs of one kind; `count` is None where nobody said how many."""

    gpu: Gpu
    count: int | None
    in_catalog: bool
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def node(self) -> int:
        """GPUs of a machine."""
        return 1 if self.gpu.gpus_per_node == 1 else GPUS_A_NODE


def gpu_of(catalog: Catalog, name: str) -> tuple[Gpu, bool] | None:
    """The GPU that a name means, and whether the catalog has it; None where nothing is known of it."""
    sheet = gpu_by_data_sheet(catalog, name)
    if sheet is not None:
        return sheet, False
    return (find_gpu(catalog, name), True) if match_gpus(catalog, name) else None


def hardware_of(catalog: Catalog, wishes: Wishes) -> Hardware | str:
    """The hardware that the wishes name, or the question that must be answered first."""
    names = wishes.preferred_gpu_types
    if not names:
        return "Which GPUs are there, and how many? For example: 2 × L40S."
    found = gpu_of(catalog, names[0])
    if found is None:
        return (
            f"Compass knows neither memory nor bandwidth of {names[0]}. How much memory has one (GiB), at "
            f"which bandwidth (GB/s)? Or name a GPU that it knows: {nearest(catalog)}."
        )
    gpu, known = found
    count = wishes.gpu_count or wishes.tensor_parallel
    return Hardware(gpu, count, known, tuple(assumed(catalog, names, gpu)), tuple(doubts(gpu, known)))


def nearest(catalog: Catalog) -> str:
    """Some GPUs of the catalog, smallest memory first."""
    shown = sorted(catalog.gpus, key=lambda gpu: gpu.memory_gib)[:: max(1, len(catalog.gpus) // 6)]
    return ", ".join(gpu.name for gpu in shown)


def assumed(catalog: Catalog, names: tuple[str, ...], gpu: Gpu) -> list[Assumption]:
    """Which version of a GPU is meant, and what is left out of several."""
    found: list[Assumption] = []
    versions = [other.name for other in match_gpus(catalog, names[0]) if other.name != gpu.name]
    if versions and names[0].casefold() != gpu.name.casefold():
        why = f"{names[0]} may also be {', '.join(versions)}"
        found.append(Assumption(field="gpu", value=gpu.name, why=why))
    sizes = sorted({other.memory_gib for other in data_sheet_versions(names[0])})
    if len(sizes) > 1 and gpu.memory_gib in sizes:
        listed = " and ".join(f"{size:g}" for size in sizes)
        why = f"{names[0]} is sold with {listed} GiB"
        found.append(Assumption(field="gpu", value=gpu.name, why=why))
    versions = [*versions, gpu.name]
    others = [name for name in names[1:] if name not in versions]
    if others:
        why = f"{', '.join(others)} is not part of this answer: ask for a comparison"
        found.append(Assumption(field="gpu", value=gpu.name, why=why))
    return found


def doubts(gpu: Gpu, in_catalog: bool) -> list[str]:
    """What to think of figures for a GPU outside the catalog."""
    if in_catalog:
        return []
    old = gpu.compute_capability is not None and float(gpu.compute_capability) < OLDEST
    return [
        f"{gpu.name} is not in Compass's catalog: {gpu.memory_gib:g} GiB and "
        f"{gpu.memory_bandwidth_gb_s:,.0f} GB/s are those of its data sheet. No run of it is among the "
        "measured ones, so take latencies for a rough guess; memory is arithmetic.",
        *(
            [f"Present vLLM does not run on {gpu.architecture}: it asks for compute capability {OLDEST}."]
            * old
        ),
    ]


OLDEST = 7.5
"""Compute capability that vLLM's installation page names as the lowest, from release 0.15 on."""
