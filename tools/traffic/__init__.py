"""What load does to replicas: arrivals, simulation, a fast approximation, Monte Carlo."""

from tools.traffic.approximation import OpenLoads, open_load
from tools.traffic.limits import Capacity, Constraint, binding, capacity
from tools.traffic.types import ProfileBatch, Workload, stack

__all__ = [
    "Capacity",
    "Constraint",
    "OpenLoads",
    "ProfileBatch",
    "Workload",
    "binding",
    "capacity",
    "open_load",
    "stack",
]
