"""GPUs outside the catalog whose memory and bandwidth are known from data sheets."""

import functools
from pathlib import Path

from compass.catalog.find import containing, gpu_names, match_gpus, spelled
from compass.catalog.types import Catalog, Gpu
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data" / "data_sheet_gpus.yaml"


@functools.cache
def data_sheet_gpus() -> tuple[Gpu, ...]:
    """The GPUs of data/data_sheet_gpus.yaml."""
    return tuple(Gpu.model_validate(entry) for entry in parse_yaml(DATA.read_text(encoding="utf-8")))


def gpu_by_data_sheet(catalog: Catalog, name: str) -> Gpu | None:
    """The GPU outside the catalog that a name means: "V100", "RTX A6000"; None for any other.

    Of versions with different memory the smallest is meant where the name does not say; a name that is
    spelled out in the catalog means that one.
    """
    if spelled(catalog.gpus, gpu_names, name):
        return None
    if not spelled(data_sheet_gpus(), gpu_names, name) and match_gpus(catalog, name):
        return None
    found = data_sheet_versions(name)
    return min(found, key=lambda gpu: gpu.memory_gib) if found else None


def data_sheet_versions(name: str) -> list[Gpu]:
    """The GPUs outside the catalog that a name may mean: "V100" means four."""
    sheets = data_sheet_gpus()
    return spelled(sheets, gpu_names, name) or containing(sheets, gpu_names, name)
