"""Costs of an option: a month, a batch job, a million tokens, and the sums that a person can check."""

from dataclasses import dataclass
from typing import Any

from compass.core import counted, duration, money, number
from compass.planning.cost import HOURS_PER_MONTH
from compass.planning.job_costs import JobCost, job_cost
from compass.planning.search import FeasibleTable, Search
from compass.planning.start_up import SMALLEST_RENTAL_HOURS

SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600


@dataclass(frozen=True)
class Rented:
    """GPUs that an option rents."""

    replicas: int
    gpus_per_replica: int
    billed: int
    usd_per_gpu_hour: float | None
    """None where no price is listed."""

    @property
    def words(self) -> str:
        """The GPUs, and how many of them serve where whole machines are rented."""
        used = self.replicas * self.gpus_per_replica
        whole = f" ({self.replicas} × {self.gpus_per_replica} = {used} used, whole machines are rented)"
        return f"{counted(self.billed, 'GPU')}{whole if self.billed > used else ''}"


def cost_fields(search: Search, feasible: FeasibleTable, row: int) -> dict[str, Any]:
    """Return the fields of an option that hold its costs; None for money where no price is listed."""
    offer = search.offers[search.space.candidates[feasible.index[row]].gpu.name][feasible.offer[row]]
    price = offer.usd_per_gpu_hour if offer.listed else None
    rented = Rented(
        int(feasible.replicas[row]),
        int(feasible.gpus_per_replica[row]),
        int(feasible.gpus_billed[row]),
        price,
    )
    job = job_cost(search, feasible, row)
    return {
        "usd_per_gpu_hour": price,
        "price_source": offer.source,
        "usd_per_hour": None if price is None else rounded(rented.billed * price, 6),
        "usd_per_month": None if price is None else in_cents(float(feasible.usd_per_month[row])),
        **token_prices(search, feasible, row),
        **({} if job is None else job_fields(job)),
        "cost_arithmetic": month_sum(rented) if job is None else job_sum(search, job, rented),
    }


def job_fields(job: JobCost) -> dict[str, float | None]:
    """Return the fields of an option that a batch job has."""
    money_fields = {
        "usd_per_job": job.usd,
        "usd_per_job_on_demand": job.usd_on_demand,
        "usd_per_job_spot": job.usd_spot,
    }
    cents = {name: None if usd is None else in_cents(usd) for name, usd in money_fields.items()}
    return {"hours": rounded(job.hours, 4), "gpu_hours": rounded(job.gpu_hours, 4), **cents}


def in_cents(usd: float) -> float:
    """Return US dollars in cents; three digits of less than a dollar, as of a small job."""
    return round(usd, 2) if usd >= 1 else rounded(usd, 3)


def month_sum(rented: Rented) -> str:
    """Return the product that gives the US dollars a month."""
    price = rented.usd_per_gpu_hour
    if price is None:
        return f"{rented.words}; no price of this GPU is listed"
    month = money(rented.billed * price * HOURS_PER_MONTH)
    return f"{rented.words} × ${price:.4g} × {HOURS_PER_MONTH} h = {month}"


def job_sum(search: Search, job: JobCost, rented: Rented) -> str:
    """Return the product that gives the US dollars of a job, and of a month where it repeats."""
    hours = f"{rented.words} × {rented_words(job)}"
    price, jobs = rented.usd_per_gpu_hour, search.specification.jobs_per_month
    if price is None or job.usd is None:
        return f"{hours}; no price of this GPU is listed"
    text = f"{hours} × ${price:.4g} = {money(job.usd)} a job"
    return text if jobs == 1 else f"{text}; × {jobs:.4g} jobs = {money(job.usd * jobs)} a month"


def rented_words(job: JobCost) -> str:
    """Return the hours that are paid: start and work, or the smallest rental that they do not fill."""
    parts = f"start {duration(job.start_hours)} + work {duration(job.hours)}"
    if job.start_hours + job.hours < SMALLEST_RENTAL_HOURS:
        return f"{number(job.rented_hours)} h (the smallest rental; {parts})"
    return f"{number(job.rented_hours)} h ({parts})"


def token_prices(search: Search, feasible: FeasibleTable, row: int) -> dict[str, float | None]:
    """Return US dollars per million output and input tokens at the mean load, and output at full load.

    Money is split between input and output by the engine time that each takes.
    """
    specification = search.specification
    names = ("output_tokens", "input_tokens", "output_tokens_full_load")
    if not search.priced:
        return {f"usd_per_million_{name}": None for name in names}
    month, at = float(feasible.usd_per_month[row]), int(feasible.row[row])
    profiles = search.step_times.profiles
    prompt, output = specification.prompt_tokens, float(feasible.output_tokens[row])
    linear, square = profiles.prefill_ms_per_token[at], profiles.prefill_ms_per_token_squared[at]
    prefill = prompt * float(linear + square * prompt / 2)
    decode = output * float(feasible.itl_ms[row]) / max(1.0, float(feasible.concurrency[row]))
    share = decode / (prefill + decode)
    replicas = int(feasible.replicas[row])
    requests = requests_per_month(search, float(feasible.rate_per_s[row]) * replicas)
    full = requests
    if specification.load_form != "batch":
        full = float(feasible.capacity_per_s[row]) * replicas * SECONDS_PER_MONTH
    prices = (
        month * share / (requests * output) * 1e6,
        month * (1 - share) / (requests * prompt) * 1e6,
        month * share / (full * output) * 1e6,
    )
    return {f"usd_per_million_{name}": rounded(usd, 3) for name, usd in zip(names, prices, strict=True)}


def requests_per_month(search: Search, rate_per_s: float) -> float:
    """Return the requests of a month; `rate_per_s` is that of all replicas at the planned load."""
    specification = search.specification
    if specification.load_form == "batch":
        return (specification.batch_items or 1) * specification.jobs_per_month
    mean = rate_per_s if specification.is_closed else specification.mean_requests_per_second
    return mean * SECONDS_PER_MONTH


def rounded(value: float, digits: int) -> float:
    """Return a number with so many significant digits: more would claim to be known."""
    return float(f"{value:.{digits}g}")
