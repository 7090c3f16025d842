"""The tool estimate_capacity: what given GPUs carry of a model."""

import asyncio

from pydantic import Field

from compass.deployment_capacity import CapacityAnswer, deployment_capacity
from compass.planning import Names, Wishes
from tools.toolbox import Toolbox


class CapacityRequest(Wishes):
    """The hardware and the model, a load where there is one, and what is asked of them."""

    asked: Names = Field(
        (),
        description="Figures in question: fits, max_context, concurrency, throughput, latency, duration, "
        "smallest_nodes",
    )


async def estimate_capacity(box: Toolbox, request: CapacityRequest) -> CapacityAnswer:
    """Say what given GPUs carry of a model, priced or owned: whether it fits, longest context, requests at
    once, latency and tokens a second against concurrency, hours of a batch job, the highest load inside the
    targets, the best arrangement, the bottleneck, and what would help. Without a model it suggests some.
    """
    wishes = Wishes(**{name: getattr(request, name) for name in Wishes.model_fields})
    answer = await asyncio.to_thread(deployment_capacity, box.catalog, box.estimator, wishes, request.asked)
    return answer.model_copy(update={"capacity_id": await box.store.put("capacity", answer)})
