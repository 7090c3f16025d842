"""Planning, from stated wishes to a verified plan; pure functions of the catalog and the estimator."""

from compass.planning.candidates import Candidate, gpus_in_words
from compass.planning.cost import HOURS_PER_MONTH, break_even_requests_per_second, own_hardware_usd_per_hour
from compass.planning.demand import specify
from compass.planning.monte_carlo import chances
from compass.planning.plan import NO_NEAR_RUN, make_plan
from compass.planning.plan_differences import differences, recheck
from compass.planning.replica import replica_configuration, replica_log_spreads, replica_of
from compass.planning.search_space import SearchSpace
from compass.planning.simulation import candidate_profile, find_candidate, peak_load
from compass.planning.stated_names import read_gpu_prices
from compass.planning.types import (
    Arrivals,
    Assumption,
    CapacityPoint,
    Chances,
    ClarifyingQuestion,
    Difference,
    Option,
    Plan,
    Rejection,
    RejectionKind,
    Relaxation,
    Simulated,
    Specification,
    TippingPoint,
    View,
    percent,
    spoken,
)
from compass.planning.verification import verify_plan
from compass.planning.wishes import Availability, Priority, Wishes

__all__ = [
    "HOURS_PER_MONTH",
    "NO_NEAR_RUN",
    "Arrivals",
    "Assumption",
    "Availability",
    "Candidate",
    "CapacityPoint",
    "Chances",
    "ClarifyingQuestion",
    "Difference",
    "Option",
    "Plan",
    "Priority",
    "Rejection",
    "RejectionKind",
    "Relaxation",
    "SearchSpace",
    "Simulated",
    "Specification",
    "TippingPoint",
    "View",
    "Wishes",
    "break_even_requests_per_second",
    "candidate_profile",
    "chances",
    "differences",
    "find_candidate",
    "gpus_in_words",
    "make_plan",
    "own_hardware_usd_per_hour",
    "peak_load",
    "percent",
    "read_gpu_prices",
    "recheck",
    "replica_configuration",
    "replica_log_spreads",
    "replica_of",
    "specify",
    "spoken",
    "verify_plan",
]
