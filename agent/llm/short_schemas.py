"""Tool schemas as a small model gets them: fewer words and fewer parameters, since its context is short.

What is hidden can still be given: the person's own words fill it in, and the tools accept it.
"""

from dataclasses import replace
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.tools import ToolDefinition

WISHES = {
    "user_count",
    "ttft_ms",
    "itl_ms",
    "e2e_ms",
    "prompt_tokens",
    "output_tokens",
    "preferred_gpu_types",
    "excluded_gpu_types",
    "preferred_models",
    "budget_usd_per_month",
}
SHOWN = {
    "map_slo": {"use_case", "requests_per_second", *WISHES},
    "plan_replicas": {"specification_id", "base_plan_id", "active_share", "availability"}
    | WISHES - {"itl_ms", "e2e_ms", "prompt_tokens", "output_tokens"},
    "estimate_capacity": {"preferred_gpu_types", "gpu_count", "preferred_models"},
    # The sides are read from the person's words.
    "compare_alternatives": {"requests_per_second"},
    "render_yaml": {"option_id", "autoscaler", "model_cache", "namespace"},
    "lookup_benchmarks": {"model", "gpu", "precision", "page"},
    "deploy": {"option_id", "target", "namespace", "dry_run"},
}


async def short_schemas(ctx: RunContext[None], tools: list[ToolDefinition]) -> list[ToolDefinition]:
    """Return the tools with shorter schemas."""
    return [replace(tool, parameters_json_schema=shortened(tool)) for tool in tools]


def shortened(tool: ToolDefinition) -> dict[str, Any]:
    """Return the schema of the parameters that a model needs, each with its type and description only."""
    schema = tool.parameters_json_schema
    shown = SHOWN.get(tool.name, schema["properties"].keys())
    properties = {name: plain(field) for name, field in schema["properties"].items() if name in shown}
    required = [name for name in schema.get("required", ()) if name in properties]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def plain(field: dict[str, Any]) -> dict[str, Any]:
    """Drop the title, default and null of a parameter; absent means unsaid."""
    choices = [choice for choice in field.get("anyOf", ()) if choice.get("type") != "null"]
    kept = {key: value for key, value in field.items() if key not in ("title", "default", "anyOf")}
    return (choices[0] if len(choices) == 1 else {}) | kept
