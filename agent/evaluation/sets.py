"""Reads sets of labelled requests and of scripted conversations."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from compass.core import InvalidInput, parse_yaml

DATA = Path(__file__).parent / "data"
"""The sets of the checkout; an installed Compass does not hold them."""
Entry = TypeVar("Entry")


def read_set(path: Path, option: str, entries: TypeAdapter[tuple[Entry, ...]]) -> tuple[Entry, ...]:
    """Parse a YAML list of entries; `option` is what names the file on the command line.

    Raises:
        InvalidInput: the file is not there, is no YAML, or holds an entry that is wrong.
    """
    if path.is_relative_to(DATA) and not path.exists():
        raise InvalidInput(
            option,
            "an installed Compass holds no evaluation sets: run it in a checkout of Compass, or give "
            "--requests FILE or --conversations FILE.",
        )
    try:
        rows = parse_yaml(path.read_text(encoding="utf-8"))
        return entries.validate_python(rows)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(option, f"{path} cannot be read ({str(error).splitlines()[0]}).") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(option, f"{path.name}: entry {place}: {first['msg']}.") from error
