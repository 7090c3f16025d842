"""Names and own prices that the user gave, as the catalog writes them."""

import math

from compass.catalog import Catalog, find_gpu, find_model, match_gpus, match_models
from compass.core import InvalidInput


def allowed_gpus(
    catalog: Catalog, wanted_names: tuple[str, ...], excluded_names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Preferred and excluded GPUs by name; an exclusion narrows a preference.

    Raises:
        InvalidInput: the exclusions leave nothing of the preferences.
        NotFound: an unknown GPU.
    """
    wanted = gpu_names(catalog, wanted_names)
    excluded = gpu_names(catalog, excluded_names)
    left = tuple(name for name in wanted if name not in excluded)
    if wanted and not left:
        raise InvalidInput(
            "excluded_gpu_types",
            f"excludes every preferred GPU ({', '.join(wanted)}). Drop one of the two wishes.",
        )
    return left, excluded


def gpu_names(catalog: Catalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every catalog GPU that the names may mean: "A100" means all four.

    Raises:
        NotFound: names the nearest.
    """
    found = {
        gpu.name: None for name in names for gpu in match_gpus(catalog, name) or [find_gpu(catalog, name)]
    }
    return tuple(found)


def model_ids(catalog: Catalog, names: tuple[str, ...]) -> tuple[str, ...]:
    """Every catalog model that the names may mean: "llama" means the family.

    Raises:
        NotFound: names the nearest.
    """
    found = {m.id: None for name in names for m in match_models(catalog, name) or [find_model(catalog, name)]}
    return tuple(found)


def read_gpu_prices(catalog: Catalog, prices: tuple[str, ...]) -> dict[str, float]:
    """Read "H100=2.20" as US dollars an hour by GPU name, for every member of a family.

    Raises:
        InvalidInput: not NAME=NUMBER, or a price that cannot be.
        NotFound: an unknown GPU.
    """
    found: dict[str, float] = {}
    for entry in prices:
        name, _, number = entry.partition("=")
        try:
            price = float(number.strip().lstrip("$"))
        except ValueError:
            price = math.nan
        if not 0 < price < 1000:
            raise InvalidInput(
                "gpu_prices", f'"{entry}" is not NAME=DOLLARS an hour. Write H100=2.20, for example.'
            )
        for gpu in gpu_names(catalog, (name.strip(),)):
            found[gpu] = price
    return found
