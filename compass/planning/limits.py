"""Limits that the user set to a whole deployment: a budget a month, a number of GPUs."""

import math
from dataclasses import dataclass

from compass.planning.ledger import BeyondLimits
from compass.planning.search import FeasibleTable, Search


@dataclass(frozen=True)
class WithinLimits:
    """Candidates within the limits, and those beyond one."""

    feasible: FeasibleTable
    beyond: BeyondLimits


def within_limits(search: Search, holding: FeasibleTable) -> WithinLimits:
    """Return the rows within the number of GPUs and the budget, and the others."""
    count = search.specification.gpu_count
    enough = holding.gpus <= (math.inf if count is None else count)
    fitting = holding.take(enough)
    # A budget cannot be held where no price is known.
    budget = search.specification.budget_usd_per_month if search.priced else None
    paid = fitting.usd_per_month <= (math.inf if budget is None else budget)
    return WithinLimits(fitting.take(paid), BeyondLimits(fitting.take(~paid), holding.take(~enough)))
