"""PostgreSQL: embedded by default, another by COMPASS_DATABASE_URL."""

from compass.store.store import Store, open_store

__all__ = ["Store", "open_store"]
