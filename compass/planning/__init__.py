"""Planning: demand, search, ranking, explanation, what-if; pure functions of their inputs."""

from compass.planning.cost import break_even_requests_per_second, own_hardware_usd_per_hour
from compass.planning.demand import specify
from compass.planning.plan import make_plan
from compass.planning.plan_differences import differences, recheck
from compass.planning.replica import replica_configuration, replica_log_spreads, replica_of
from compass.planning.search_space import Field
from compass.planning.simulation import candidate_profile, find_candidate, peak_load
from compass.planning.types import (
    Arrivals,
    Assumption,
    Chances,
    Difference,
    Option,
    Plan,
    Question,
    Rejection,
    RejectionKind,
    Relaxation,
    Specification,
    TippingPoint,
    View,
    percent,
    spoken,
)
from compass.planning.wishes import Availability, Priority, Wishes

__all__ = [
    "Arrivals",
    "Assumption",
    "Availability",
    "Chances",
    "Difference",
    "Field",
    "Option",
    "Plan",
    "Priority",
    "Question",
    "Rejection",
    "RejectionKind",
    "Relaxation",
    "Specification",
    "TippingPoint",
    "View",
    "Wishes",
    "break_even_requests_per_second",
    "candidate_profile",
    "differences",
    "find_candidate",
    "make_plan",
    "own_hardware_usd_per_hour",
    "peak_load",
    "percent",
    "recheck",
    "replica_configuration",
    "replica_log_spreads",
    "replica_of",
    "specify",
    "spoken",
]
