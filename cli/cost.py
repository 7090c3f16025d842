"""`compass cost`: own hardware in dollars an hour, and the break-even against an API."""

import click

from cli.session import print_json, with_toolbox
from compass.core import InvalidInput, money
from compass.planning import Plan, as_served, break_even_requests_per_second, own_hardware_usd_per_hour
from tools.toolbox import Toolbox


@click.group()
def cost() -> None:
    """Compute the cost of own hardware, and the break-even against an API."""


@cost.command()
@click.option("--purchase", required=True, type=float, help="US dollars for a GPU with its server's share.")
@click.option("--years", default=4.0, show_default=True, help="Until it is written off.")
@click.option("--watts", required=True, type=float, help="Drawn by a GPU with its share of the server.")
@click.option("--usd-per-kwh", required=True, type=float)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def own(purchase: float, years: float, watts: float, usd_per_kwh: float, as_json: bool) -> None:
    """US dollars per GPU-hour of hardware that you buy; power with 40 % for cooling.

    compass cost own --purchase 30000 --watts 1000 --usd-per-kwh 0.12
    """
    hourly = own_hardware_usd_per_hour(purchase, years, watts, usd_per_kwh)
    if as_json:
        print_json({"usd_per_gpu_hour": hourly})
        return
    click.echo(
        f"{money(purchase)} / ({years:g} × 8,760 h) + {watts / 1000:g} kW × 1.4 × ${usd_per_kwh:g} "
        f"= ${hourly:.3f} per GPU-hour, at full use of its time.\n"
        f"Plan with it: compass tools call plan_replicas ... gpu_prices=H100={hourly:.2f}"
    )


@cost.command("break-even")
@click.option("--plan", "plan_id", required=True, help="A stored plan; its balanced option is compared.")
@click.option("--input", "usd_input", required=True, type=float, help="The API's US dollars per million in.")
@click.option("--output", "usd_output", required=True, type=float, help="And per million out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def break_even(plan_id: str, usd_input: float, usd_output: float, as_json: bool) -> None:
    """Compute the mean rate from which on the plan is cheaper than an API at these prices."""

    async def work(box: Toolbox) -> Plan:
        return await box.store.get(plan_id, Plan)

    plan = with_toolbox(work)
    if not plan.options:
        raise InvalidInput("--plan", f"{plan_id} has no option: nothing holds its targets.")
    option = plan.options[0]
    wish = as_served(plan.specification, option)
    if option.usd_per_month is None:
        raise InvalidInput(
            "--plan", f"{plan_id} has no price: give one, compass plan … gpu_prices=H100=2.20."
        )
    rate = break_even_requests_per_second(
        option.usd_per_month, wish.prompt_tokens, wish.output_tokens, usd_input, usd_output
    )
    carried = option.capacity_requests_per_second * option.replicas
    if as_json:
        print_json(
            {
                "requests_per_second": rate,
                "planned_mean": wish.mean_requests_per_second,
                "carried": carried,
                "usd_per_month": option.usd_per_month,
            }
        )
        return
    each = (wish.prompt_tokens * usd_input + wish.output_tokens * usd_output) / 1e6
    verdict = "the plan" if wish.mean_requests_per_second > rate else "the API"
    click.echo(
        f"{money(option.usd_per_month)} a month / (${each:.6f} a request × 2,628,000 s) = {rate:.3g}/s.\n"
        f"Planned is a mean of {wish.mean_requests_per_second:.3g}/s: {verdict} is cheaper. "
        + ("" if rate <= carried else f"The plan carries {carried:.3g}/s at most, so it never is.")
    )
