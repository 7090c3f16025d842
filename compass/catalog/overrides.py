"""Reads a user's GPU prices, which override the price list, from a file."""

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path

from compass.catalog.find import find_gpu, match_gpus
from compass.catalog.loader import WrongData, read_yaml
from compass.catalog.types import Catalog
from compass.core import CompassError

MOST_USD = 1000.0
COLUMNS = ("gpu", "usd_per_gpu_hour")


def load_price_overrides(catalog: Catalog, path: Path) -> dict[str, float]:
    """US dollars per GPU-hour by GPU name, for every member of a family that is named.

    The file is YAML ("H100: 2.20", one a line) or CSV with the columns gpu and usd_per_gpu_hour.

    Raises:
        WrongData: names the file, the entry and what is wrong with it; also for an unknown GPU.
    """
    pairs = from_csv(path) if path.suffix.lower() == ".csv" else from_yaml(path)
    prices: dict[str, float] = {}
    for where, name, value in pairs:
        price = amount(value)
        if not 0 < price < MOST_USD:
            raise WrongData(f"{path.name}: {where}: usd_per_gpu_hour: {value!r} is no price of a GPU-hour.")
        try:
            gpus = match_gpus(catalog, name) or [find_gpu(catalog, name)]
        except CompassError as error:
            raise WrongData(f"{path.name}: {where}: gpu: {error}") from error
        prices |= {gpu.name: price for gpu in gpus}
    if not prices:
        raise WrongData(f"{path.name}: holds no price. Write H100: 2.20, for example.")
    return prices


def amount(value: object) -> float:
    """The number, with or without a dollar sign; NaN where it is none."""
    try:
        return float(str(value).strip().lstrip("$"))
    except ValueError:
        return math.nan


def from_yaml(path: Path) -> Iterable[tuple[str, str, object]]:
    """Entry, GPU and price of each line."""
    rows = read_yaml(path)
    if not isinstance(rows, dict):
        raise WrongData(f"{path.name}: must hold a GPU and its price a line, such as H100: 2.20.")
    return [(str(name), str(name), value) for name, value in rows.items()]


def from_csv(path: Path) -> Iterable[tuple[str, str, object]]:
    """Entry, GPU and price of each line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongData(f"{path.name}: cannot be read ({error}).") from error
    rows = csv.DictReader(io.StringIO(text))
    missing = next((column for column in COLUMNS if column not in (rows.fieldnames or ())), None)
    if missing:
        raise WrongData(
            f"{path.name}: line 1: {missing}: is missing. The columns are {' and '.join(COLUMNS)}."
        )
    return [
        (f"line {line}", row["gpu"] or "", row["usd_per_gpu_hour"]) for line, row in enumerate(rows, start=2)
    ]
