"""The tool plan_replicas: from a specification to options, or from a plan and a change to the differences."""

import asyncio
from dataclasses import fields, replace
from typing import Annotated, Any

from pydantic import Field

from compass.catalog import Pricing
from compass.core import Percentile
from compass.planning import (
    Availability,
    Plan,
    Priority,
    Specification,
    Wishes,
    differences,
    make_plan,
    specify,
)
from compass.planning import Field as Space
from compass.planning.demand import wishes_of
from compass.planning.verification import verify
from tools.map_slo import frozen
from tools.toolbox import Toolbox


async def plan_replicas(
    box: Toolbox,
    *,
    specification_id: Annotated[
        str | None, Field(description="From map_slo; or give the fields below")
    ] = None,
    base_plan_id: Annotated[
        str | None, Field(description="What-if: an earlier plan; only the fields given below change")
    ] = None,
    use_case: Annotated[
        str | None, Field(description="One of the nine use cases, chatbot_conversational …")
    ] = None,
    user_count: Annotated[int | None, Field(description="How many people use it")] = None,
    ttft_ms: Annotated[float | None, Field(description="Time to first token, at most, ms")] = None,
    itl_ms: Annotated[float | None, Field(description="Inter-token latency, at most, ms")] = None,
    e2e_ms: Annotated[float | None, Field(description="Whole answer, at most, ms")] = None,
    percentile: Annotated[Percentile | None, Field(description="Of the targets; p95 unless said")] = None,
    experience_class: Annotated[
        str | None, Field(description="instant, conversational, interactive, deferred or batch")
    ] = None,
    prompt_tokens: Annotated[int | None, Field(description="Tokens of a typical prompt")] = None,
    output_tokens: Annotated[int | None, Field(description="Tokens of a typical answer")] = None,
    requests_per_second: Annotated[
        float | None, Field(description="Load at peak, instead of user_count")
    ] = None,
    active_share: Annotated[
        float | None, Field(description="Share of users active at once, 0.2 for 20 %")
    ] = None,
    requests_per_minute: Annotated[
        float | None, Field(description="Requests a minute of an active user")
    ] = None,
    peak_factor: Annotated[float | None, Field(description="Peak load over mean load")] = None,
    preferred_gpu_types: Annotated[list[str] | None, Field(description="Only these GPUs")] = None,
    excluded_gpu_types: Annotated[list[str] | None, Field(description="None of these GPUs")] = None,
    preferred_models: Annotated[list[str] | None, Field(description="Only these models or families")] = None,
    accuracy_priority: Annotated[Priority | None, Field(description="Weight of model quality")] = None,
    cost_priority: Annotated[Priority | None, Field(description="Weight of cost")] = None,
    latency_priority: Annotated[Priority | None, Field(description="Weight of latency margin")] = None,
    budget_usd_per_month: Annotated[float | None, Field(description="US dollars a month, at most")] = None,
    availability: Annotated[
        Availability | None, Field(description="n+1: one replica more than the load needs")
    ] = None,
    domain_specialization: Annotated[str | None, Field(description="legal, medical, finance …")] = None,
    provider: Annotated[str | None, Field(description="Cloud whose prices count: aws, gcp, azure …")] = None,
    pricing: Annotated[Pricing | None, Field(description="on-demand, reserved or spot")] = None,
    gpu_prices: Annotated[
        list[str] | None, Field(description="Own prices in US dollars per GPU-hour, such as H100=2.20")
    ] = None,
    prefix_cache_hit_rate: Annotated[
        float | None, Field(description="Share of prompt tokens found in the prefix cache, 0.3 for 30 %")
    ] = None,
    speculative_speedup: Annotated[
        float | None,
        Field(description="Tokens a decode step yields by speculative decoding, 1.5 for example"),
    ] = None,
) -> Plan:
    """Choose model, precision, GPU, tensor parallel and number of replicas for a specification: options in
    five views with predictions, intervals, evidence and cost, why the others lost, what would change the
    answer, and the one question worth asking. Give a specification_id, or the fields themselves; give
    base_plan_id and the change for a what-if with differences.
    """
    arguments = locals()
    given = {f.name: frozen(arguments[f.name]) for f in fields(Wishes) if arguments[f.name] is not None}
    base = await box.store.get(base_plan_id, Plan) if base_plan_id else None
    specification = await choose_specification(box, specification_id, base, given)
    plan = await asyncio.to_thread(verified_plan, box.field, specification)
    if base is not None:
        plan = plan.model_copy(update={"base_plan_id": base_plan_id, "differences": differences(base, plan)})
    return await keep(box, plan)


def verified_plan(space: Space, specification: Specification) -> Plan:
    """The plan, its shown options simulated."""
    return verify(space, make_plan(space, specification))


async def choose_specification(
    box: Toolbox, specification_id: str | None, base: Plan | None, given: dict[str, Any]
) -> Specification:
    """The stored specification, that of the base plan, or a new one; changed by the given fields."""
    earlier = base.specification if base else None
    if specification_id:
        earlier = await box.store.get(specification_id, Specification)
    if earlier is not None and not given:
        return earlier
    said = wishes_of(earlier) if earlier else Wishes()
    specification = specify(box.catalog, replace(said, **given))
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
