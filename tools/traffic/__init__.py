"""What load does to replicas: arrivals, simulation, a fast approximation, Monte Carlo."""

from tools.traffic.approximation import OpenLoads, open_load
from tools.traffic.limits import CONSTRAINTS, Capacity, capacity
from tools.traffic.types import ProfileBatch, Workload, stack

__all__ = [
    "CONSTRAINTS",
    "Capacity",
    "OpenLoads",
    "ProfileBatch",
    "Workload",
    "capacity",
    "open_load",
    "stack",
]
