"""The targets that this Compass knows."""

from tools.serving.local import LocalTarget
from tools.serving.types import Target
from tools.store import Store


def open_targets(store: Store) -> dict[str, Target]:
    """Each target by its name; opening starts and reads nothing."""
    return {"local": LocalTarget(store)}
