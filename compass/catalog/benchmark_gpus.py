"""GPUs that only benchmark files name: read for their runs, not offered for planning."""

import functools
from pathlib import Path

from compass.catalog.find import find_gpu
from compass.catalog.types import Catalog, Gpu
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data"


@functools.cache
def other_gpus() -> dict[str, Gpu]:
    """GPUs of data/other_gpus.yaml by lower-case name."""
    entries = parse_yaml((DATA / "other_gpus.yaml").read_text(encoding="utf-8"))
    return {entry["name"].casefold(): Gpu.model_validate(entry) for entry in entries}


def resolve_gpu(catalog: Catalog, name: str) -> Gpu:
    """A GPU of the catalog, or one that only benchmark files know.

    Raises:
        NotFound: names the nearest of the catalog.
    """
    return other_gpus().get(name.casefold()) or find_gpu(catalog, name)
