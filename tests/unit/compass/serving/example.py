"""A deployment to try things on."""

from typing import Any

from compass.catalog import Catalog, load_catalog
from compass.core import Evidence, Interval
from compass.manifests import Manifests, RecipeChoices, make_recipe, render
from compass.planning import Option, Specification
from compass.serving import Deployment, Receipt

SPECIFICATION = Specification(
    use_case="chatbot_conversational",
    experience_class="conversational",
    ttft_p95_ms=300,
    itl_p95_ms=25,
    e2e_p95_ms=7000,
    prompt_tokens=512,
    output_tokens=256,
    peak_requests_per_second=4.0,
    mean_requests_per_second=2.0,
)
OPTION = Option(
    option_id="option-1",
    model="Qwen/Qwen3-8B",
    checkpoint="Qwen/Qwen3-8B-FP8",
    precision="fp8",
    gpu="H100-SXM",
    tensor_parallel=1,
    replicas=2,
    gpus=2,
    gpus_billed=2,
    concurrency_per_replica=8,
    capacity_requests_per_second=3,
    utilization=0.67,
    replica_arithmetic="ceil(4 / (3 × 0.8)) = 2",
    binding_constraint="itl",
    ttft_p95_ms=Interval(value=60, low=40, high=90),
    itl_p95_ms=Interval(value=9, low=7, high=12),
    e2e_p95_ms=Interval(value=2400, low=1900, high=3200),
    slo_probability=0.95,
    evidence=Evidence(kind="estimated"),
    usd_per_gpu_hour=2.5,
    price_source="example",
    usd_per_hour=5,
    usd_per_month=3650,
    usd_per_million_output_tokens=1,
    usd_per_million_input_tokens=0.1,
    usd_per_million_output_tokens_full_load=0.5,
    cost_arithmetic="2 × 2.5",
    quality=60,
    quality_note="",
    score=0.8,
    why="an example",
)


def deployment(**fields: Any) -> Deployment:
    """An example with some fields of one's own."""
    target = fields.get("target", "local")
    receipt = Receipt(
        option=OPTION, specification=SPECIFICATION, target=target, created="2026-11-24T00:00:00Z"
    )
    return Deployment(
        **{
            "deployment_id": "",
            "target": target,
            "name": "tiny",
            "endpoint": None,
            "model": OPTION.model,
            "receipt": receipt,
            "simulated": target == "local",
            **fields,
        }
    )


def rendered(
    option: Option = OPTION,
    specification: Specification = SPECIFICATION,
    catalog: Catalog | None = None,
    **choices: Any,
) -> Manifests:
    """The manifests of an example with some choices of one's own."""
    recipe = make_recipe(option, RecipeChoices(**choices))
    return render(recipe, option, specification, catalog or load_catalog())
