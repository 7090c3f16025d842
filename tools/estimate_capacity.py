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
        description="Figures in question: fits, max_context, concurrency, throughput, latency, duration",
    )


async def estimate_capacity(box: Toolbox, request: CapacityRequest) -> CapacityAnswer:
    """Say what given GPUs (preferred_gpu_types, gpu_count) carry of a model, also owned ones without a price:
    whether it fits and in which format, memory of a GPU, longest context, how many requests at once, latency
    and tokens a second at the load and against concurrency, hours of a batch job, the highest load inside the
    targets, every arrangement (tensor parallel, pipeline parallel, replicas), the bottleneck and what would
    help. Without a model it suggests some that fit.
    """
    wishes = Wishes(**{name: getattr(request, name) for name in Wishes.model_fields})
    answer = await asyncio.to_thread(deployment_capacity, box.catalog, box.estimator, wishes, request.asked)
    return answer.model_copy(update={"capacity_id": await box.store.put("capacity", answer)})
