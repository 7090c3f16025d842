"""What many tests plan with: the shipped catalog and estimator, and replicas as plans have them."""

from functools import cache

from compass.capacity import Configuration, Estimator
from compass.catalog import Precision, find_gpu, find_model, load_catalog
from compass.planning import Field
from compass.planning.candidates import Candidate


@cache
def shipped_field() -> Field:
    """The field of plans; planning changes nothing of it."""
    return Field(load_catalog(), Estimator.for_plans())


def planned_replica(
    model: str, gpu: str, precision: Precision = "fp8", tensor_parallel: int = 1
) -> Configuration:
    """The replica that a plan would search, of the model's first checkpoint in a precision."""
    known = find_model(load_catalog(), model)
    checkpoint = next(one for one in known.checkpoints if one.precision == precision)
    return Candidate(known, checkpoint, find_gpu(load_catalog(), gpu), tensor_parallel).configuration
