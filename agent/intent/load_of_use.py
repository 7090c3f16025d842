"""What the use of a load tells of it: what comes in a day is a job in batch use, a number of things is a job or a pile."""

from typing import Any

from agent.intent.batch_jobs import item_noun, multiply_outputs, rates_as_jobs, take_items, unlisted_items
from agent.intent.contradictions import LOADS
from agent.intent.deadlines import HOURS
from agent.intent.message import Message
from agent.intent.quantities import Items, Quantities, TokenVolume

JOB_CASES = frozenset(
    (
        "data_extraction",
        "translation",
        "summarization_short",
        "long_document_summarization",
        "content_generation",
    )
)
"""Uses in which a number of things is worked on one by one; elsewhere it is what is searched."""
WORKED_ON = frozenset(
    "prompts questions problems tasks rows samples completions generations examples rollouts instances puzzles cells trajectories "
    "aufgaben fragen prompts zeilen problemes questions exercices problemas preguntas tareas filas problemi domande righe perguntas "
    "tarefas linhas".split()
)
"""Of these nobody keeps a collection to be searched."""
ARRIVING = frozenset(
    "request requests calls queries messages anfragen requetes peticiones richieste pedidos".split()
)
LATENCIES = ("ttft_ms", "itl_ms", "e2e_ms")
TOKENS_AN_ITEM = 1_000
AGENTS = frozenset("agents agenten agentes agenti sessions sitzungen sesiones sessioni sessoes".split())
SHORT, FEWEST_OF_A_PILE = 9, 1_000
LEAST_JOB_MS, MS_PER_HOUR = 600_000, 3_600_000
OTHER_LOADS = tuple(name for name in LOADS if name != "batch_items")


def settle(message: Message, numbers: Quantities, state: dict[str, Any], said_class: str | None) -> None:
    """Store the items of a message as a job where its use says so."""
    if numbers.rate_of_each and (
        users := numbers.user_count or numbers.concurrent_sessions or state.get("user_count")
    ):
        rate = float(f"{users * numbers.rate_of_each:.4g}")
        numbers.keep("requests_per_second", rate, f"what {users:,} people send, each as was said; the mean")
    users = numbers.user_count or state.get("user_count")
    if numbers.budget_of_each and users:
        numbers.keep(
            "budget_usd_per_month", round(users * numbers.budget_of_each, 2), f"for each of {users:,} users"
        )
    multiply_outputs(numbers)
    case = state.get("use_case")
    waited_for = any(getattr(numbers, name) is not None or state.get(name) for name in LATENCIES)
    batch = said_class == "batch" or (case == "data_extraction" and not waited_for and said_class is None)
    if batch:
        rates_as_jobs(numbers)
    items = numbers.items
    loaded = any(getattr(numbers, name) is not None for name in OTHER_LOADS)
    free = items is not None and items.period is None and items.at not in message.claimed
    if (
        items is not None
        and free
        and not loaded
        and not waited_for
        and (batch or case in JOB_CASES or of_a_job(message, items, case))
    ):
        take_items(message, numbers, items)
    elif case is None and (items is None or free) and not loaded and not waited_for:
        take_pile(message, numbers, state)
    if (
        numbers.user_count
        and numbers.batch_items is None
        and numbers.token_volume is None
        and not state.get("batch_items")
    ):
        # "summarised nightly for 25 lawyers": how much there is in a night, nobody says.
        numbers.deadline_hours = None
        numbers.notes = [note for note in numbers.notes if note[0] != "deadline_hours"]
    if numbers.token_volume is not None:
        volume_as_job(message, numbers, numbers.token_volume)


def take_pile(message: Message, numbers: Quantities, state: dict[str, Any]) -> None:
    """Read "2M abstracts, 250 in, 30 out": many of one thing with both lengths and no other load are a job."""
    lengths = numbers.prompt_tokens and numbers.output_tokens
    if not lengths or numbers.user_count or any(state.get(name) for name in LOADS):
        return
    pile = numbers.items or unlisted_items(message, ())
    if pile is not None and ARRIVING & set(message.words(pile.at + 1, pile.at + 3)):
        return
    if pile is not None and pile.period is None and pile.count >= FEWEST_OF_A_PILE:
        take_items(message, numbers, pile)


def of_a_job(message: Message, items: Items, case: str | None) -> bool:
    """Whether things that nobody searches are a job by themselves: "100 prompts with up to 128 new tokens"."""
    noun = item_noun(message, items.at)
    return case is None and noun is not None and bool(WORKED_ON & set(message.words(noun.start, noun.end)))


def volume_as_job(message: Message, numbers: Quantities, volume: TokenVolume) -> None:
    """Tokens in all: a rate where a deadline is said, else items of a usual length."""
    message.take(volume.at)
    if numbers.deadline_hours:
        rate = float(f"{volume.tokens / (numbers.deadline_hours * 3600):.4g}")
        why = "the tokens of the job over its deadline"
        numbers.keep("output_tokens_per_second" if volume.output_only else "tokens_per_second", rate, why)
        return
    lengths = (
        numbers.output_tokens
        if volume.output_only
        else sum(filter(None, (numbers.prompt_tokens, numbers.output_tokens)))
    )
    if not lengths and volume.output_only:
        numbers.keep(
            "output_tokens", TOKENS_AN_ITEM, "answers of a usual length make up the tokens that were said"
        )
    items = round(volume.tokens / (lengths or TOKENS_AN_ITEM))
    numbers.keep("batch_items", items, f"{volume.tokens:,.0f} tokens, {lengths or TOKENS_AN_ITEM:,} an item")


def follow_load(state: dict[str, Any], message: Message, numbers: Quantities) -> None:
    """What a later message counts where the load has a form of its own: tokens a day, agents, the hours of a job."""
    tokens = next(
        (name for name in ("tokens_per_second", "output_tokens_per_second") if state.get(name)), None
    )
    if tokens and numbers.plain_rate and numbers.requests_per_second:
        numbers.keep(tokens, numbers.requests_per_second)
        numbers.requests_per_second = numbers.items = None
        numbers.notes = [note for note in numbers.notes if note[0] != "requests_per_second"]
    if (
        state.get("concurrent_sessions")
        and numbers.user_count
        and AGENTS & {token.text for token in message.tokens}
    ):
        numbers.keep("concurrent_sessions", numbers.user_count)
        numbers.user_count = None
    counted = next((name for name in LOADS if state.get(name)), None)
    if counted not in (None, "user_count") and numbers.user_count and not message.tagged("people"):
        numbers.keep(counted, as_counted(state, counted, numbers.user_count))
        numbers.user_count = None
    at_once = next((name for name in ("concurrent_requests", "concurrent_sessions") if state.get(name)), None)
    items = numbers.items
    if (
        at_once
        and items
        and items.period is None
        and items.at not in message.claimed
        and len(message.tokens) <= SHORT
    ):
        message.take(items.at)
        numbers.keep(at_once, int(items.count))
        numbers.items = None
    job = state.get("batch_items") or state.get("deadline_hours")
    if job and numbers.window is None and numbers.deadline_hours is None and len(message.tokens) <= SHORT:
        numbers.window = hours_said(message)
    if job and numbers.window and numbers.deadline_hours is None:
        numbers.keep("deadline_hours", numbers.window)
    if job and numbers.plain_ms and numbers.plain_ms >= LEAST_JOB_MS:
        numbers.keep("deadline_hours", round(numbers.plain_ms / MS_PER_HOUR, 4))
        numbers.ttft_ms = numbers.e2e_ms = None


def hours_said(message: Message) -> float | None:
    """The first hours or days of a later message, "24 hours would do as well"."""
    for at, token in enumerate(message.tokens):
        for label in ("unit.h", "unit.day", "unit.week"):
            if token.value and message.at(at + 1, label):
                return token.value * HOURS[label]
    return None


def as_counted(state: dict[str, Any], name: str, value: float) -> float:
    """A bare number in the unit of a load: "make it 80,000" of what came in a day is of a day."""
    if not name.endswith("_per_second"):
        return int(value)
    return float(f"{value / (state.get('load_period') or 1):.4g}")


def remember_period(state: dict[str, Any], numbers: Quantities) -> None:
    """Keep what comes in a period, so that a later "and overnight?" makes a job of it; or make it one."""
    state["load_period"] = numbers.load_period or state.get("load_period")
    if numbers.items is not None and numbers.items.period is not None:
        state["items_of_period"] = numbers.items.count
    elif numbers.deadline_hours is not None and numbers.batch_items is None and not state.get("batch_items"):
        if state.get("items_of_period"):
            numbers.keep("batch_items", round(state["items_of_period"]))


def replace_older_loads(state: dict[str, Any], numbers: Quantities) -> None:
    """A load of one form takes the place of an older one of another form; the window of a job goes with it."""
    stated = [name for name in LOADS if getattr(numbers, name) is not None]
    if not stated:
        return
    if numbers.load_period is None and not any(
        name.endswith("_per_second") and state.get(name) for name in stated
    ):
        state.pop("load_period", None)
    for name in LOADS:
        # People stay said when a later message states what they send.
        if name not in stated and (name != "user_count" or "user_count" in stated):
            state.pop(name, None)
    if numbers.batch_items is None and numbers.deadline_hours is None:
        state.pop("deadline_hours", None)
        state.pop("jobs_per_month", None)
    if numbers.items is None or numbers.items.period is None:
        state.pop("items_of_period", None)
