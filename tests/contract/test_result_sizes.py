"""What each tool tells a language model stays short, on real results, the longest included."""

import dataclasses
from typing import Any

import pytest

from compass.core.token_budget import tokens
from compass.planning import Plan
from compass.serving import ApprovalRequest
from tools.specs import TOOLS, tool
from tools.toolbox import Toolbox

MOST = 1_500
NEEDS: tuple[dict[str, Any], ...] = (
    {"use_case": "chatbot_conversational", "user_count": 5000, "ttft_ms": 300},
    {"use_case": "code_completion", "user_count": 300, "preferred_gpu_types": ["L40S"]},
    {"use_case": "document_analysis_rag", "user_count": 100_000, "availability": "n+1", "percentile": "p99"},
    {"use_case": "translation", "user_count": 300, "budget_usd_per_month": 2000, "provider": "aws"},
    {"use_case": "research_legal_analysis", "user_count": 40, "accuracy_priority": "high", "ttft_ms": 1},
    {
        "use_case": "chatbot_conversational",
        "user_count": 2_000_000,
        "ttft_ms": 400,
        "itl_ms": 30,
        "e2e_ms": 9_000,
        "prompt_tokens": 3_000,
        "output_tokens": 700,
        "excluded_gpu_types": ["H100", "H200", "MI300X"],
        "preferred_models": ["Llama 3.3 70B", "Qwen3-32B", "gpt-oss-120b"],
        "gpu_prices": ["L40S=0.95", "B200=5.10"],
        "prefix_cache_hit_rate": 0.3,
    },
)


async def told(box: Toolbox, name: str, **arguments: Any) -> tuple[Any, int]:
    result = await tool(name).call(box, arguments)
    return result, tokens(result.brief())


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: f"{need['use_case']}-{need['user_count']}")
async def test_plans_and_what_ifs(toolbox: Toolbox, need: dict[str, Any]) -> None:
    specification, slo = await told(toolbox, "map_slo", **need)
    plan, planned = await told(toolbox, "plan_replicas", specification_id=specification.specification_id)
    what_if, changed = await told(
        toolbox, "plan_replicas", base_plan_id=plan.plan_id, user_count=7_000, availability="n+1",
        budget_usd_per_month=90_000, excluded_gpu_types=["L4"],
    )  # fmt: skip

    assert isinstance(what_if, Plan) and what_if.differences
    for option in what_if.options:
        assert option.line() in what_if.brief(), "what is left out is never an option"
    assert max(slo, planned, changed) <= MOST, (slo, planned, changed)


async def test_everything_else(toolbox: Toolbox) -> None:
    async def yes(request: ApprovalRequest) -> bool:
        return True

    box = dataclasses.replace(toolbox, approver=yes)
    plan, _ = await told(box, "plan_replicas", **NEEDS[0])
    option = plan.options[0].option_id
    sizes = {
        "lookup_benchmarks": (await told(box, "lookup_benchmarks", page_size=50))[1],
        "lookup_benchmarks of one": (await told(box, "lookup_benchmarks", model="Llama-3.1-8B", gpu="B200"))[
            1
        ],
        "estimate_capacity": (
            await told(
                box, "estimate_capacity", preferred_gpu_types=["L40S"], gpu_count=8, concurrent_requests=64
            )
        )[1],
        "compare_alternatives": (
            await told(
                box,
                "compare_alternatives",
                preferred_models=["Qwen3-32B"],
                requests_per_second=20,
                alternatives=[{"gpu": name} for name in ("H100", "L40S", "H200", "B200", "A100")],
            )
        )[1],
        "render_yaml": (await told(box, "render_yaml", option_id=option))[1],
    }
    deployment, sizes["deploy"] = await told(box, "deploy", option_id=option)
    try:
        identifier = deployment.deployment_id
        sizes["test_inference"] = (
            await told(box, "test_inference", deployment_id=identifier, prompt="Hello", max_tokens=400)
        )[1]
        sizes["get_status"] = (await told(box, "get_status", deployment_id=identifier))[1]
    finally:
        sizes["undeploy"] = (await told(box, "undeploy", deployment_id=identifier))[1]

    page = await tool("lookup_benchmarks").call(box, {"page_size": 50})
    assert "lines left out: ask for a smaller page_size" in page.brief()
    assert {name.split()[0] for name in sizes} | {"map_slo", "plan_replicas"} == {spec.name for spec in TOOLS}
    assert all(size <= MOST for size in sizes.values()), sizes
