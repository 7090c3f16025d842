"""Replicas under load: arrivals, simulation, a closed-form approximation and the capacity it gives."""

from compass.traffic.approximation import OpenLoads, open_load
from compass.traffic.arrivals import LENGTH_CV
from compass.traffic.capacity_solver import Capacity, Constraint, binding, capacity
from compass.traffic.offered_load import OfferedLoad, replay_trace, simulate_load, trace_load
from compass.traffic.types import ProfileBatch, Workload, stack

__all__ = [
    "LENGTH_CV",
    "Capacity",
    "Constraint",
    "OfferedLoad",
    "OpenLoads",
    "ProfileBatch",
    "Workload",
    "binding",
    "capacity",
    "open_load",
    "replay_trace",
    "simulate_load",
    "stack",
    "trace_load",
]
