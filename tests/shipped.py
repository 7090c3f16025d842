"""What many tests plan with, made once: the shipped catalog under the shipped estimator."""

from functools import cache

from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.planning import Field


@cache
def shipped_field() -> Field:
    """The field of plans; planning changes nothing of it."""
    return Field(load_catalog(), Estimator.for_plans())
