"""Planning: demand, search, ranking, explanation, what-if; pure functions of their inputs."""

from tools.planning.changes import differences, recheck
from tools.planning.contract import plan_json
from tools.planning.cost import break_even_requests_per_second, own_hardware_usd_per_hour
from tools.planning.demand import Wishes, specify
from tools.planning.pace import Field
from tools.planning.plan import make_plan
from tools.planning.types import Option, Plan, Specification

__all__ = [
    "Field",
    "Option",
    "Plan",
    "Specification",
    "Wishes",
    "break_even_requests_per_second",
    "differences",
    "make_plan",
    "own_hardware_usd_per_hour",
    "plan_json",
    "recheck",
    "specify",
]
