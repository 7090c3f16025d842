"""Planning, from stated wishes to a verified plan; pure functions of the catalog and the estimator."""

from compass.planning.candidates import Candidate
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
)
from compass.planning.verification import verify_plan
from compass.planning.wishes import Availability, Priority, Wishes
from compass.planning.wording import (
    VIEW_NAMES,
    assumption_words,
    difference_words,
    evidence_words,
    field_label,
    field_value,
    gpu_sum,
    gpu_words,
    load_words,
    model_words,
    quality_words,
    relaxation_words,
    short_name,
    target_words,
    tipping_words,
    understood,
    view_words,
)

__all__ = [
    "HOURS_PER_MONTH",
    "NO_NEAR_RUN",
    "VIEW_NAMES",
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
    "assumption_words",
    "break_even_requests_per_second",
    "candidate_profile",
    "chances",
    "difference_words",
    "differences",
    "evidence_words",
    "field_label",
    "field_value",
    "find_candidate",
    "gpu_sum",
    "gpu_words",
    "load_words",
    "make_plan",
    "model_words",
    "own_hardware_usd_per_hour",
    "peak_load",
    "quality_words",
    "read_gpu_prices",
    "recheck",
    "relaxation_words",
    "replica_configuration",
    "replica_log_spreads",
    "replica_of",
    "short_name",
    "specify",
    "target_words",
    "tipping_words",
    "understood",
    "verify_plan",
    "view_words",
]
