"""The tool compare_alternatives: named alternatives side by side at one load."""

import asyncio
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from compass.comparison import Comparison, Side
from compass.comparison import compare_alternatives as compare
from compass.planning import Wishes
from tools.estimate_capacity import CapacityRequest
from tools.toolbox import Toolbox


def flat_schema() -> dict[str, Any]:
    """The schema of the sides in place: models of the tools' arguments read no references."""
    fields = {
        name: {"type": next(one["type"] for one in field["anyOf"] if one["type"] != "null")}
        for name, field in Side.model_json_schema()["properties"].items()
    }
    return {"type": "array", "items": {"type": "object", "properties": fields}}


class ComparisonRequest(CapacityRequest):
    """The sides, the load that they share, and what is asked of them."""

    alternatives: Annotated[tuple[Side, ...], WithJsonSchema(flat_schema())] = Field(
        (), description="The sides: what is the same for all stands in the other fields"
    )


async def compare_alternatives(box: Toolbox, request: ComparisonRequest) -> Comparison:
    """Put named GPUs, numbers of GPUs, models, formats or prices side by side, at the same load or each at
    its own full load, with the differences that matter. Only vLLM is modelled.
    """
    wishes = Wishes(**{name: getattr(request, name) for name in Wishes.model_fields})
    made = await asyncio.to_thread(
        compare, box.catalog, box.estimator, wishes, request.alternatives, request.asked
    )
    return made.model_copy(update={"comparison_id": await box.store.put("comparison", made)})
