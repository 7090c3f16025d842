"""The tool map_slo: from a use case and stated wishes to a specification."""

from dataclasses import fields
from typing import Annotated, Any

from pydantic import Field

from compass.catalog import Pricing
from compass.core import Percentile
from compass.planning import Availability, Priority, Specification, Wishes, specify
from tools.toolbox import Toolbox


async def map_slo(
    box: Toolbox,
    *,
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
        float | None,
        Field(description="Load at peak, instead of user_count (mean load where peak_factor is given)"),
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
) -> Specification:
    """Turn a use case, a number of users and stated wishes into p95 latency targets, a traffic profile and a
    peak request rate, listing every assumption; a stated number always wins. Returns a specification id that
    plan_replicas takes.
    """
    arguments = locals()
    wishes = Wishes(
        **{f.name: frozen(arguments[f.name]) for f in fields(Wishes) if arguments[f.name] is not None}
    )
    specification = specify(box.catalog, wishes)
    identifier = await box.store.put("spec", specification)
    return specification.model_copy(update={"specification_id": identifier})


def frozen(value: Any) -> Any:
    """A list as the tuple that a frozen value holds."""
    return tuple(value) if isinstance(value, list) else value
