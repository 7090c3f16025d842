"""The tool plan_replicas: from a specification to options, or from a plan and a change to the differences."""

import asyncio
from typing import Any

from pydantic import Field

from compass.planning import (
    Plan,
    SearchSpace,
    Specification,
    Wishes,
    differences,
    make_plan,
    specify,
    verify_plan,
)
from tools.toolbox import Toolbox

IDS = ("specification_id", "base_plan_id")


class PlanRequest(Wishes):
    """What to plan for: a specification, an earlier plan with a change, or the wishes themselves."""

    specification_id: str | None = Field(None, description="From map_slo; or give the fields below")
    base_plan_id: str | None = Field(
        None, description="What-if: an earlier plan; only the fields given below change"
    )

    def given(self) -> dict[str, Any]:
        """The wishes that were given; an empty list among them takes an earlier wish back."""
        return {
            name: value
            for name in Wishes.model_fields
            if name in self.model_fields_set and (value := getattr(self, name)) is not None
        }


async def plan_replicas(box: Toolbox, request: PlanRequest) -> Plan:
    """Choose model, precision, GPU, tensor parallel and number of replicas for a specification: options in
    five views with predictions, intervals, evidence and cost, why the others lost, what would change the
    answer, and the one question worth asking. Give a specification_id, or the fields themselves; give
    base_plan_id and the change for a what-if with differences.
    """
    base = await box.store.get(request.base_plan_id, Plan) if request.base_plan_id else None
    specification = await choose_specification(box, request, base)
    plan = await asyncio.to_thread(verified_plan, box.search_space, specification)
    if base is not None:
        update = {"base_plan_id": request.base_plan_id, "differences": differences(base, plan)}
        plan = plan.model_copy(update=update)
    return await keep(box, plan)


def verified_plan(space: SearchSpace, specification: Specification) -> Plan:
    """The plan, its shown options simulated."""
    return verify_plan(space, make_plan(space, specification))


async def choose_specification(box: Toolbox, request: PlanRequest, base: Plan | None) -> Specification:
    """The stored specification, that of the base plan, or a new one; changed by the given fields."""
    earlier = base.specification if base else None
    if request.specification_id:
        earlier = await box.store.get(request.specification_id, Specification)
    given = request.given()
    if earlier is not None and not given:
        return earlier
    wishes = earlier.wishes if earlier else Wishes()
    specification = specify(box.catalog, wishes.changed(**given))
    identifier = await box.store.put("spec", specification)
    return specification.model_copy(update={"specification_id": identifier})


async def keep(box: Toolbox, plan: Plan) -> Plan:
    """Store the plan and each of its options, so that later tools take their ids."""
    options = []
    for option in plan.options:
        identifier = await box.store.put("option", option)
        options.append(option.model_copy(update={"option_id": identifier}))
    plan = plan.model_copy(update={"options": tuple(options)})
    identifier = await box.store.put("plan", plan)
    kept = plan.model_copy(update={"plan_id": identifier})
    for option in options:
        # An option finds its plan again, and with it what was promised.
        await box.store.put_as(option.option_id, option.model_copy(update={"plan_id": identifier}))
    return kept
