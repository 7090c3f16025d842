"""PostgreSQL: embedded by default, another by COMPASS_DATABASE_URL."""

from compass.core.data_directory import data_directory
from compass.store.store import Store, open_store

__all__ = ["Store", "data_directory", "open_store"]
