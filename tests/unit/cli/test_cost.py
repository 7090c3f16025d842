"""`compass cost`: hardware of one's own, and the break-even against an API."""

import asyncio
import json
from pathlib import Path

import pytest

from compass.planning import Plan
from tests.commands import called
from tools.specs import tool
from tools.toolbox import Toolbox

OWN = ("cost", "own", "--purchase", "30000", "--watts", "1000", "--usd-per-kwh", "0.12")


@pytest.fixture(scope="module")
async def plan(toolbox: Toolbox) -> Plan:
    made = await tool("plan_replicas").call(toolbox, {"use_case": "translation", "user_count": 300})
    assert isinstance(made, Plan)
    return made


def test_own_hardware_is_written_off_and_cooled(tmp_path: Path) -> None:
    hourly = json.loads(called(tmp_path, *OWN, "--json").stdout)["usd_per_gpu_hour"]

    assert hourly == pytest.approx(30_000 / (4 * 8760) + 1.0 * 1.4 * 0.12)


def test_the_sum_can_be_checked_and_used(tmp_path: Path) -> None:
    text = called(tmp_path, *OWN).stdout

    assert "$30,000 / (4 × 8,760 h) + 1 kW × 1.4 × $0.12 = $1.024 per GPU-hour" in text
    assert "gpu_prices=H100=1.02" in text


async def break_even(data_dir: Path, plan: str, usd_input: str, usd_output: str, *words: str) -> str:
    prices = ("--input", usd_input, "--output", usd_output)
    done = await asyncio.to_thread(called, data_dir, "cost", "break-even", "--plan", plan, *prices, *words)
    return done.stdout + done.stderr


async def test_the_break_even_is_the_plans_month_by_the_apis_requests(data_dir: Path, plan: Plan) -> None:
    found = json.loads(await break_even(data_dir, plan.plan_id, "0.5", "1.5", "--json"))

    option, specification = plan.options[0], plan.specification
    assert option.usd_per_month is not None
    each = (specification.prompt_tokens * 0.5 + specification.output_tokens * 1.5) / 1e6
    assert found["requests_per_second"] == pytest.approx(option.usd_per_month / each / (730 * 3600))
    assert found["carried"] == pytest.approx(option.capacity_requests_per_second * option.replicas)


@pytest.mark.parametrize(
    ("price", "verdict"),
    [("1000", "the plan is cheaper"), ("0.0001", "The plan carries")],
)
async def test_the_cheaper_one_is_named(data_dir: Path, plan: Plan, price: str, verdict: str) -> None:
    assert verdict in await break_even(data_dir, plan.plan_id, price, price)


async def test_a_plan_without_an_option_cannot_be_compared(
    toolbox: Toolbox, data_dir: Path, plan: Plan
) -> None:
    empty = await toolbox.store.put("plan", plan.model_copy(update={"options": ()}))

    assert f"--plan: {empty} has no option" in await break_even(data_dir, empty, "1", "1")
