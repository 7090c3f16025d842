"""Stores models that a user adds by their config.json, in the data directory."""

import json
import re
from pathlib import Path

from compass.catalog.config import model_from_config
from compass.catalog.types import Model, Precision
from compass.core import InvalidInput, NotFound, data_directory
from compass.core.data_directory import place

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}(/[A-Za-z0-9][A-Za-z0-9._-]{0,62})?")
LARGEST_BYTES = 1024 * 1024
OWN = "own"
"""Family of every such model."""


FOLDER = "models"


def file_of(name: str) -> Path:
    """The file of a model; a slash in its name stands as two underscores."""
    return place() / FOLDER / f"{name.replace('/', '__')}.json"


def own_models() -> tuple[Model, ...]:
    """Every model that was added, by name.

    Raises:
        InvalidInput: a file there cannot be read as a model any more; says which.
    """
    return tuple(read_own(path) for path in sorted((place() / FOLDER).glob("*.json")))


def read_own(path: Path) -> Model:
    """One stored model."""
    entry = json.loads(path.read_text(encoding="utf-8"))
    try:
        model = model_from_config(entry["config"], entry["name"], entry["precision"])
    except (KeyError, InvalidInput) as error:
        raise InvalidInput(
            f"models/{path.name}", f"{error} Remove the file or add the model again."
        ) from error
    return model.model_copy(update={"family": OWN})


def add_own_model(name: str, config: Path, precision: Precision | None = None) -> Model:
    """Keep a config.json under a name; the model is planned for like any other from the next start on.

    Raises:
        InvalidInput: a name that is none, no config.json of a decoder, or a field that is missing.
    """
    if not NAME.fullmatch(name):
        raise InvalidInput("NAME", f'"{name}" is no name of a model. Write acme-7b or acme/acme-7b.')
    try:
        if config.stat().st_size > LARGEST_BYTES:
            raise InvalidInput("CONFIG", f"{config.name} is too large for a config.json.")
        content = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("CONFIG", f"{config} cannot be read ({error}).") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(
            "CONFIG", f"{config.name}: line {error.lineno}: not JSON ({error.msg})."
        ) from error
    if not isinstance(content, dict):
        raise InvalidInput("CONFIG", f"{config.name} holds no object. Give the model's config.json.")
    model = model_from_config(content, name, precision)
    kept = {"name": name, "precision": model.checkpoints[0].precision, "config": content}
    # Written beside and renamed: a reader sees the whole file or none.
    (data_directory() / FOLDER).mkdir(exist_ok=True)
    path = file_of(name)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(kept), encoding="utf-8")
    draft.replace(path)
    return model


def remove_own_model(name: str) -> None:
    """Forget a model.

    Raises:
        NotFound: no such own model.
    """
    try:
        file_of(name).unlink()
    except FileNotFoundError as error:
        known = ", ".join(model.id for model in own_models()) or "none yet"
        raise NotFound(f'No own model is called "{name}". There are: {known}.') from error
