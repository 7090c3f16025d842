"""The plan as the JSON document that other programs read."""

from typing import Any

from compass.planning.types import Plan


def plan_json(plan: Plan) -> dict[str, Any]:
    """Every field of the plan; the front without its curves, which only the options carry."""
    return plan.model_dump(mode="json", exclude={"pareto_front": {"__all__": {"curve"}}})
