"""Where Compass keeps what is the user's own: the database, logs, own models."""

import os
from pathlib import Path

import platformdirs

from compass.core.errors import Unavailable

DATA_VARIABLE = "COMPASS_DATA_DIR"


def place() -> Path:
    """Where the data directory is, be it there or not."""
    return Path(os.environ.get(DATA_VARIABLE) or platformdirs.user_data_dir("compass")).expanduser()


def data_directory() -> Path:
    """Where Compass keeps its database and its logs; made when missing.

    Raises:
        Unavailable: the directory cannot be made or written to.
    """
    path = place()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"The data directory {path} cannot be made ({error.strerror}). Set {DATA_VARIABLE} to one "
            "that you can write to."
        ) from error
    if not os.access(path, os.W_OK):
        raise Unavailable(
            f"The data directory {path} cannot be written to. Set {DATA_VARIABLE} to another one."
        )
    return path
