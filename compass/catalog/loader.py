"""Reads the catalog's data files; a wrong file is refused with file, entry and field."""

import csv
import functools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from compass.catalog.types import Catalog, ExperienceClass, Gpu, Model, Price, UseCase
from compass.catalog.user_models import own_models
from compass.core import CompassError, parse_yaml

T = TypeVar("T", bound=BaseModel)

DATA = Path(__file__).parent / "data"
AS_OF = date(2026, 11, 23)


class WrongData(CompassError):
    """A data file of the catalog that cannot be read."""


@functools.cache
def load_catalog(folder: Path = DATA) -> Catalog:
    """The shipped catalog with the user's own models, read once.

    Raises:
        WrongData: names the file, the entry and the field.
    """
    use_cases = read_yaml(folder / "use_cases.yaml")
    shipped = entries(folder / "models.yaml", read_yaml(folder / "models.yaml"), Model, "id")
    known = {model.id for model in shipped}
    own = tuple(model for model in own_models() if model.id not in known) if folder == DATA else ()
    catalog = Catalog(
        models=(*shipped, *own),
        gpus=entries(folder / "gpus.yaml", read_yaml(folder / "gpus.yaml"), Gpu, "name"),
        prices=load_prices(folder / "prices.csv"),
        use_cases=entries(folder / "use_cases.yaml", part(use_cases, "use_cases"), UseCase, "name"),
        classes=entries(folder / "use_cases.yaml", part(use_cases, "classes"), ExperienceClass, "name"),
        demonstrations=tuple(part(use_cases, "demonstrations")),
        as_of=AS_OF,
    )
    check_references(catalog)
    return catalog


def check_references(catalog: Catalog) -> None:
    """Check that names in one file exist in the other.

    Raises:
        WrongData: a price of an unknown GPU, a use case of an unknown class.
    """
    gpus, classes = {gpu.name for gpu in catalog.gpus}, {entry.name for entry in catalog.classes}
    for price in catalog.prices:
        if price.gpu not in gpus:
            raise WrongData(
                f"prices.csv: {price.provider} {price.instance}: gpu: {price.gpu} is not in gpus.yaml."
            )
    for use_case in catalog.use_cases:
        if use_case.experience_class not in classes:
            raise WrongData(
                f"use_cases.yaml: {use_case.name}: experience_class: {use_case.experience_class} is no class."
            )


def part(document: Any, name: str) -> list[Any]:
    """A list of use_cases.yaml by its name.

    Raises:
        WrongData: it is missing.
    """
    found = document.get(name) if isinstance(document, Mapping) else None
    if not isinstance(found, list):
        raise WrongData(f"use_cases.yaml: {name}: must hold a list.")
    return found


def read_yaml(path: Path) -> Any:
    """The file's content.

    Raises:
        WrongData: the file is missing or no YAML.
    """
    try:
        return parse_yaml(path.read_bytes())
    except OSError as error:
        raise WrongData(f"{path.name}: cannot be read ({error.strerror}).") from error
    except yaml.YAMLError as error:
        raise WrongData(f"{path.name}: not YAML ({str(error).splitlines()[0]}).") from error


def entries(path: Path, rows: Any, kind: type[T], key: str) -> tuple[T, ...]:
    """Rows as checked objects, each key once.

    Raises:
        WrongData: names the file, the entry and the field.
    """
    if not isinstance(rows, list):
        raise WrongData(f"{path.name}: must hold a list of entries.")
    seen: set[str] = set()
    checked = []
    for number, row in enumerate(rows, start=1):
        name = str(row.get(key, f"entry {number}")) if isinstance(row, Mapping) else f"entry {number}"
        try:
            checked.append(kind.model_validate(row))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "entry"
            raise WrongData(f"{path.name}: {name}: {field}: {first['msg']}.") from error
        if name in seen:
            raise WrongData(f"{path.name}: {name}: {key}: appears twice.")
        seen.add(name)
    return tuple(checked)


def load_prices(path: Path) -> tuple[Price, ...]:
    """The price list, newest first, so that the first match of a key is the one that counts.

    Raises:
        WrongData: names the file, the line and the field.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise WrongData(f"{path.name}: cannot be read ({error.strerror}).") from error
    prices = [read_price(path, line, row) for line, row in enumerate(rows, start=2)]
    return tuple(sorted(prices, key=lambda price: (price.verified, price.as_of), reverse=True))


def read_price(path: Path, line: int, row: dict[str, str]) -> Price:
    """One line; the instance's price must be the sum of its GPUs'."""
    instance_price = row.pop("usd_per_instance_hour", "") or None
    pricing = row.get("pricing", "")
    row["pricing"], _, term = pricing.partition("-") if pricing.startswith("reserved") else (pricing, "", "")
    try:
        price = Price.model_validate(row | {"term": term})
        whole = float(instance_price) if instance_price else None
    except (ValidationError, ValueError) as error:
        problem = error.errors()[0] if isinstance(error, ValidationError) else None
        what = f"{problem['loc'][0]}: {problem['msg']}" if problem else "usd_per_instance_hour: not a number"
        raise WrongData(f"{path.name}: line {line}: {what}.") from error
    if whole is not None and abs(price.usd_per_gpu_hour * price.gpus_per_instance - whole) > 0.02:
        raise WrongData(f"{path.name}: line {line}: usd_per_instance_hour: is not that of its GPUs together.")
    return price
