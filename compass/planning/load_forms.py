"""Load in every form in which people state it, as requests a second, requests in flight or a batch job.

Little's law joins the first two: requests in flight = rate × time of a whole answer.
"""

from dataclasses import dataclass

from compass.catalog import UseCase
from compass.core import counted, duration, number
from compass.planning.notes import Notes
from compass.planning.target_defaults import Targets
from compass.planning.types import LoadForm
from compass.planning.wishes import Wishes
from compass.traffic import SessionShape

SECONDS_A_DAY = 86_400
DEFAULT_USERS = 100
NIGHT_HOURS, DAY_HOURS = 10.0, 24.0
"""Windows of batch jobs without a deadline: of a number of items, and of what comes in a day."""
JOBS_A_DAY = 365 / 12
"""Jobs a month that are run every day."""
SAYS_ACTIVITY = ("active_share", "requests_per_minute", "peak_factor")


@dataclass(frozen=True)
class Load:
    """What has to be served, and the sum that it comes from."""

    form: LoadForm
    mean_per_s: float
    peak_per_s: float
    arithmetic: str
    in_flight: int | None = None
    items: int | None = None
    hours: float | None = None
    jobs_per_month: float | None = None


def choose_load(
    use_case: UseCase,
    wishes: Wishes,
    lengths: tuple[int, int],
    targets: Targets,
    session: SessionShape | None,
    notes: Notes,
) -> Load:
    """The load of some wishes; `lengths`: tokens of prompt and answer; `session`: whose turns they are of."""
    note_other_forms(wishes, notes)
    if is_job(use_case, wishes):
        return batch_job(use_case, wishes, lengths, notes)
    if session is not None and wishes.concurrent_sessions is not None and wishes.concurrent_requests is None:
        return open_sessions(wishes.concurrent_sessions, session, lengths, targets)
    if in_flight_of(wishes) is not None:
        return closed_loop(wishes, lengths, targets, notes)
    if (stated := stated_rate(wishes, lengths)) is not None:
        return open_load_at(*stated, wishes, notes)
    return users_load(use_case, wishes, notes)


def is_job(use_case: UseCase, wishes: Wishes) -> bool:
    """Whether the work is done in a window, with nobody waiting for a single answer."""
    if wishes.batch_items is not None or wishes.deadline_hours is not None:
        return True
    latency = (wishes.ttft_ms, wishes.itl_ms, wishes.e2e_ms)
    asked = (wishes.experience_class or use_case.experience_class).strip().casefold()
    if asked != "batch" or any(value is not None for value in latency) or in_flight_of(wishes) is not None:
        return False
    if stated_rate(wishes, (1, 1)) is not None:
        return True
    # Users of a use case that is made for batch wait for their answers; of another one they hand in work.
    says_activity = any(getattr(wishes, name) is not None for name in SAYS_ACTIVITY)
    return wishes.user_count is not None and use_case.experience_class != "batch" and not says_activity


def in_flight_of(wishes: Wishes) -> int | None:
    """Requests in flight, where the load is stated so."""
    return (
        wishes.concurrent_requests if wishes.concurrent_requests is not None else wishes.concurrent_sessions
    )


def stated_rate(wishes: Wishes, lengths: tuple[int, int]) -> tuple[float, str] | None:
    """Requests a second that were stated, or that stated tokens a second make, with the sum."""
    prompt, output = lengths
    if wishes.requests_per_second is not None:
        rate = wishes.requests_per_second
        return rate, f"{rate:g} requests/s as stated"
    if wishes.tokens_per_second is not None:
        rate = wishes.tokens_per_second / (prompt + output)
        tokens = f"{token_rate(wishes.tokens_per_second)} ÷ ({prompt:,} + {output:,} a request)"
        return rate, f"{number(rate)} requests/s = {tokens}"
    if wishes.output_tokens_per_second is not None:
        rate = wishes.output_tokens_per_second / output
        tokens = f"{wishes.output_tokens_per_second:,.6g} output tokens/s ÷ {output:,} an answer"
        return rate, f"{number(rate)} requests/s = {tokens}"
    return None


def token_rate(rate: float) -> str:
    """Tokens a second, and a day where they are millions."""
    millions = rate * SECONDS_A_DAY / 1e6
    a_day = f" ({number(millions)} million a day)" if millions >= 1 else ""
    return f"{rate:,.6g} tokens/s{a_day}"


def open_load_at(rate: float, arithmetic: str, wishes: Wishes, notes: Notes) -> Load:
    """A stated rate, with the peak over it where one was given."""
    peak = wishes.peak_factor or 1.0
    if wishes.user_count is not None:
        notes.remarks.append(
            f"The load is the stated {number(rate)} requests/s; {wishes.user_count:,} users do not change it."
        )
    if wishes.peak_factor is None:
        notes.assume("peak_factor", "1", "the stated rate is taken as the peak")
    return Load("rate", rate, rate * peak, arithmetic + (f" × {peak:g} at peak" if peak > 1 else ""))


def users_load(use_case: UseCase, wishes: Wishes, notes: Notes) -> Load:
    """The load of a number of users with the activity that is usual for the use case."""
    workload, why = use_case.workload, f"usual for {use_case.title}"
    users = notes.choose("user_count", wishes.user_count, DEFAULT_USERS, "not said")
    active = notes.choose(
        "active_share", wishes.active_share, workload.active, f"{why}: users active at once"
    )
    minute = notes.choose(
        "requests_per_minute", wishes.requests_per_minute, workload.per_minute, f"{why}, each"
    )
    factor = notes.choose("peak_factor", wishes.peak_factor, workload.peak, f"{why}: peak over mean")
    mean = users * active * minute / 60
    text = (
        f"{mean * factor:.3g} requests/s at peak = {users:,.0f} users × {100 * active:.3g} % active × "
        f"{minute:g} a minute ÷ 60 × {factor:g} peak"
    )
    return Load("rate", mean, mean * factor, text)


def open_sessions(count: int, session: SessionShape, lengths: tuple[int, int], targets: Targets) -> Load:
    """A constant number of sessions open: each pauses after an answer, then sends its next turn."""
    ttft, itl, e2e = targets
    answer_s = (e2e or (ttft or 0.0) + (itl or 0.0) * (lengths[1] - 1)) / 1000.0
    rate = count / (session.pause_s + answer_s)
    text = (
        f"{count:,} sessions ÷ ({session.pause_s:.3g} s pause + {answer_s:.3g} s for an answer, as the "
        f"targets allow) = {number(rate)} turns/s"
    )
    return Load("sessions", rate, rate, text, count)


def closed_loop(wishes: Wishes, lengths: tuple[int, int], targets: Targets, notes: Notes) -> Load:
    """A constant number of requests in flight: each answer is followed by the next request."""
    in_flight = in_flight_of(wishes) or 1
    if wishes.user_count is not None:
        notes.remarks.append(
            f"The load is {counted(in_flight, 'request')} in flight; {wishes.user_count:,} users do not "
            "change it."
        )
    if wishes.concurrent_requests is None:
        # The prefix cache was stated, so that nothing is derived from sessions.
        notes.assume(
            "concurrent_requests", f"{in_flight}", "every session is taken to have a request in flight"
        )
    else:
        notes.assume("concurrent_requests", f"{in_flight}", "concurrent users are read as requests in flight")
    ttft, itl, e2e = targets
    slowest = e2e or ((ttft or 0.0) + itl * (lengths[1] - 1) if itl else None)
    if slowest is None:
        return Load("in_flight", 0.0, 0.0, f"{in_flight:,} requests in flight", in_flight)
    rate = 1000.0 * in_flight / slowest
    text = (
        f"{in_flight:,} requests in flight; answers in {slowest / 1000:.3g} s, as the targets allow, are "
        f"{in_flight:,} ÷ {slowest / 1000:.3g} = {number(rate)} requests/s"
    )
    return Load("in_flight", rate, rate, text, in_flight)


def batch_job(use_case: UseCase, wishes: Wishes, lengths: tuple[int, int], notes: Notes) -> Load:
    """A number of items in a window, all of which may be served at once."""
    rate = stated_rate(wishes, lengths)
    daily = wishes.batch_items is None and (rate is not None or wishes.user_count is not None)
    hours = wishes.deadline_hours
    if hours is None:
        why = "a day's work is done within the day" if daily else "no deadline was said; a night is taken"
        hours = notes.choose("deadline_hours", None, DAY_HOURS if daily else NIGHT_HOURS, why)
    jobs = wishes.jobs_per_month
    if jobs is None:
        why = "what comes in every day is a job a day" if daily else "the job is run once"
        jobs = notes.choose("jobs_per_month", None, float(f"{JOBS_A_DAY:.4g}") if daily else 1.0, why)
    items, source = job_items(wishes, rate, hours, notes)
    per_s = items / (hours * 3600)
    text = (
        f"{counted(items, 'item')}{source} in {duration(hours)} = {number(per_s)} a second, "
        f"{number(per_s * sum(lengths))} tokens/s of prompts and answers"
    )
    return Load("batch", per_s, per_s, text, items=items, hours=hours, jobs_per_month=jobs)


def job_items(wishes: Wishes, rate: tuple[float, str] | None, hours: float, notes: Notes) -> tuple[int, str]:
    """Requests of a job, and where their number comes from."""
    if wishes.batch_items is not None:
        return wishes.batch_items, ""
    if rate is not None:
        return max(1, round(rate[0] * 3600 * max(DAY_HOURS, hours))), f" ({rate[1]})"
    if wishes.user_count is not None:
        notes.assume("batch_items", f"{wishes.user_count}", "each user hands in one request a day")
        return wishes.user_count, " a day, one of each user,"
    notes.assume("batch_items", "10000", "not said")
    return 10_000, ""


def note_other_forms(wishes: Wishes, notes: Notes) -> None:
    """Remark forms of load that are stated beside the one that is planned."""
    if wishes.batch_items is not None and wishes.concurrent_requests is not None:
        notes.remarks.append(
            f"{wishes.concurrent_requests:,} requests in flight are taken as the most of each replica."
        )
    forms = ("requests_per_second", "tokens_per_second", "output_tokens_per_second")
    said = [name for name in forms if getattr(wishes, name) is not None]
    unused = said[1:] if wishes.batch_items is None and in_flight_of(wishes) is None else said
    for name in unused:
        words = name.replace("_per_second", "/s").replace("_", " ")
        notes.remarks.append(f"{getattr(wishes, name):g} {words} were said too; the plan does not use them.")
