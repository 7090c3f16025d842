"""Replicas under load: arrivals, simulation, a closed-form approximation and the capacity it gives."""

from compass.traffic.approximation import OpenLoads
from compass.traffic.arrivals import (
    LENGTH_CV,
    ArrivalKind,
    Requests,
    Thinking,
    arrival_times,
    lengths,
    requests_of,
)
from compass.traffic.capacity_curve import CurvePoint, load_points, saturation
from compass.traffic.capacity_solver import Capacity, Constraint, Limits, binding, capacity, latencies_of
from compass.traffic.fleet import FleetRun, Percentiles, Summary, percentiles, simulate
from compass.traffic.offered_load import OfferedLoad, replay_trace, simulate_load, trace_load
from compass.traffic.replica import BLOCK_WASTE, ReplicaRun, decode_table, longest_request, run_replica
from compass.traffic.session_loads import open_load
from compass.traffic.session_shape import Pause, SessionShape
from compass.traffic.trace import read_trace
from compass.traffic.types import Answers, ProfileBatch, Workload, concatenate, stack

__all__ = [
    "BLOCK_WASTE",
    "LENGTH_CV",
    "Answers",
    "ArrivalKind",
    "Capacity",
    "Constraint",
    "CurvePoint",
    "FleetRun",
    "Limits",
    "OfferedLoad",
    "OpenLoads",
    "Pause",
    "Percentiles",
    "ProfileBatch",
    "ReplicaRun",
    "Requests",
    "SessionShape",
    "Summary",
    "Thinking",
    "Workload",
    "arrival_times",
    "binding",
    "capacity",
    "concatenate",
    "decode_table",
    "latencies_of",
    "lengths",
    "load_points",
    "longest_request",
    "open_load",
    "percentiles",
    "read_trace",
    "replay_trace",
    "requests_of",
    "run_replica",
    "saturation",
    "simulate",
    "simulate_load",
    "stack",
    "trace_load",
]
