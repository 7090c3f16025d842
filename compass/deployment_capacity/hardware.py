"""The GPUs that a capacity question is about: of the catalog, or known from a data sheet."""

from collections import Counter
from dataclasses import dataclass

from compass.catalog import Catalog, Gpu, data_sheet_versions, gpu_of, match_gpus, remarks_on
from compass.planning import Assumption, Wishes

MAKERS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel (Gaudi)"}
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


def hardware_of(catalog: Catalog, wishes: Wishes) -> Hardware | str:
    """The hardware that the wishes name, or the question that must be answered first."""
    names = wishes.preferred_gpu_types
    if not names:
        return "Which GPUs are there, and how many? For example: 2 × L40S."
    found = gpu_of(catalog, names[0])
    if found is None:
        return (
            f"Compass knows neither memory nor bandwidth of {names[0]}, nor runs of vLLM on it; it plans "
            f"for GPUs of {', '.join(makers(catalog))}. Which of them is nearest to yours? "
            f"For example: {nearest(catalog)}."
        )
    gpu, known = found
    count = wishes.gpu_count or wishes.tensor_parallel
    return Hardware(
        gpu, count, known, tuple(assumed(catalog, names, gpu)), () if known else tuple(remarks_on(gpu))
    )


def makers(catalog: Catalog) -> list[str]:
    """Makers of the catalog's GPUs, those of most first."""
    counts = Counter(MAKERS.get(gpu.vendor, gpu.vendor) for gpu in catalog.gpus)
    return [name for name, _ in counts.most_common()]


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
