"""What load does to replicas: arrivals, simulation, a fast approximation, Monte Carlo."""

from compass.traffic.approximation import OpenLoads, open_load
from compass.traffic.capacity_solver import Capacity, Constraint, binding, capacity
from compass.traffic.types import ProfileBatch, Workload, stack

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
