from .benchmarks import Run
from .capacity import LatencyProfile
from .catalog import Catalog, Gpu, Model, Price, UseCase
from .comparison import Comparison, Side
from .core import (
    CompassError,
    Conflict,
    Evidence,
    Interval,
    InvalidInput,
    NotApproved,
    NotFound,
    Unavailable,
)
from .deployment_capacity import Arrangement, CapacityAnswer, LoadPoint
from .library import Compass, ReplicaCapacity, ReplicaEstimate, ReplicaMemory, open
from .planning import Difference, Option, Plan, Rejection, Relaxation, Specification, Wishes, differences

__all__ = [
    "Arrangement",
    "CapacityAnswer",
    "Catalog",
    "Comparison",
    "Compass",
    "CompassError",
    "Conflict",
    "Difference",
    "Evidence",
    "Gpu",
    "Interval",
    "InvalidInput",
    "LatencyProfile",
    "LoadPoint",
    "Model",
    "NotApproved",
    "NotFound",
    "Option",
    "Plan",
    "Price",
    "Rejection",
    "Relaxation",
    "ReplicaCapacity",
    "ReplicaEstimate",
    "ReplicaMemory",
    "Run",
    "Side",
    "Specification",
    "Unavailable",
    "UseCase",
    "Wishes",
    "differences",
    "open",
]
