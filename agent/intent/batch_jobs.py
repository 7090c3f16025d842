"""Jobs of many items: how many, in which window, and how many outputs each item has."""

import re
from collections.abc import Collection

from agent.intent.concurrency import at_once
from agent.intent.deadlines import Deadline, as_duration, deadline_of
from agent.intent.message import Message
from agent.intent.periods import MONTH, SECONDS, period_at, period_in
from agent.intent.quantities import Items, Quantities
from agent.intent.vocabulary import Tag

NOUN_FAR = 4
FEWEST_UNLISTED, SHORTEST_NOUN = 20, 4
PLURAL = re.compile(r"[a-z]{3,}(?:s|i|en|er|e|x)$")
NO_ITEMS = (
    "people",
    "unit",
    "thing",
    "at_once",
    "session",
    "load.setting",
    "context.window",
    "rate",
    "throughput",
    "side",
    "agentic",
    "role",
)
MANY_PAGES = 300
"""A number of pages above this, or of a job with a window, counts pages to be worked on and not a document's length."""
PER_OUTPUT_TOKENS = 100
MOST_OUTPUTS, FOR_EACH_FAR = 1000, 12
EACH = frozenset("each every jeden jede jedes chaque cada ogni".split())
WITHIN = frozenset("under within inside below unter innerhalb binnen".split())
LASTED = frozenset(
    "took take takes lasted need needs needed dauerten dauern brauchten prennent tardaron richiedono".split()
)
DATA = frozenset("kb mb gb tb pb gib mib kib".split())
JOB_LABELS = ("class.batch", "no_latency", "c.extract", "job.asked")
A_PILE = 10_000
"""So many pages are of many documents, whatever is said of them."""
SINGULAR = frozenset("page seite".split())
"""After a larger number these tell how long something is: "500-page statements"."""
STOPPING = (
    "unit.ms",
    "unit.s",
    "unit.min",
    "unit.h",
    "unit.day",
    "unit.week",
    "unit.month",
    "unit.quarter",
    "unit.year",
    "unit.token",
    "unit.word",
    "money.currency",
    "target.gpu",
    "machine",
)


def read_jobs(message: Message, found: Quantities) -> None:
    """Items and their window, where the words speak of a job; else the items wait for what the use tells."""
    deadline = deadline_of(message)
    if deadline is not None and opening_hours(message, deadline):
        traffic_of_hours(message, found, deadline)
        return
    batch = deadline is not None or any(speaks_of_jobs(message, label) for label in JOB_LABELS)
    outputs = outputs_of_items(message)
    found.items = first_items(message, batch, outputs[0] if outputs else None)
    if found.items is None and batch:
        found.items = unlisted_items(message, deadline.places if deadline else ())
    if outputs and found.items is not None:
        message.take(outputs[0])
        found.outputs_of_item = outputs[1]
    if deadline is None and found.items is not None and found.items.period is None:
        deadline = as_duration(message, of_a_job=True)
        batch = batch or deadline is not None
    if deadline is not None:
        keep_deadline(message, found, deadline)
    if batch and found.items is not None and found.items.period is None:
        take_items(message, found, found.items)


def first_items(message: Message, batch: bool, outputs: int | None) -> Items | None:
    """The first number of things to be worked on, but for that of the outputs of each."""
    found = (items_at(message, at, value, batch) for at, value in list(message.numbers()) if at != outputs)
    return next((items for items in found if items is not None), None)


def keep_deadline(message: Message, found: Quantities, deadline: Deadline) -> None:
    """Store a window where a job is spoken of, or hours in which nobody waits; else only remember it."""
    alone = bool(deadline.places) and deadline.hours >= 1 and not message.tagged("people")
    if found.items is not None or alone or is_job(message, found):
        message.take(*deadline.places)
        found.keep("deadline_hours", deadline.hours, deadline.why)
    else:
        found.window = deadline.hours


def unlisted_items(message: Message, taken: Collection[int]) -> Items | None:
    """Read "120 novels … in a week", "N=1.5e6, T=24h": of a job with a window any plural, or the key of a number."""
    for at, value in message.numbers():
        if at in taken or value != int(value) or value < FEWEST_UNLISTED:
            continue
        if message.words(at - 2, at) in (["n", "="], ["n", ":"]) or plural_after(message, at):
            return Items(value, at, period_after(message, at, at + 1))
    return None


def plural_after(message: Message, at: int) -> bool:
    """Whether a plural that names neither people nor hardware nor a measure follows within a few words."""
    for place in range(at + 1, min(at + NOUN_FAR, message.clause(at)[1])):
        token = message.tokens[place]
        if token.text == "'":
            continue
        if token.value is not None or token.name is not None or not token.text.isalpha():
            return False
        if any(message.at(place, label) for label in (*STOPPING, *NO_ITEMS)):
            return False
        following = place + 1 < len(message.tokens) and message.at(place + 1, "people") is not None
        if PLURAL.search(token.text) and len(token.text) >= SHORTEST_NOUN and not following:
            return True
        if message.at(place, "stop") or message.at(place, "neg"):
            return False
    return False


def speaks_of_jobs(message: Message, label: str) -> bool:
    """Whether a word of jobs is said; "batch size" is none."""
    return any(message.at(tag.start, "load.setting") is None for tag in message.tagged(label))


def is_job(message: Message, found: Quantities) -> bool:
    """Whether a window alone is that of a job: "and overnight?", "one billion tokens in 8 hours"."""
    labels = ("night", "weekend", "class.batch", "no_latency")
    nights = message.tagged("night")
    elsewhere = any(
        not any(night.start <= tag.start < night.end for night in nights)
        for tag in message.tagged("topic.off")
    )
    return found.token_volume is not None or (
        not elsewhere and any(message.tagged(label) for label in labels)
    )


def opening_hours(message: Message, deadline: Deadline) -> bool:
    """Whether a window by the clock lies within a day and nothing speaks of a job: "between 9 am and 5 pm"."""
    jobs = (*JOB_LABELS, "night", "deadline.done")
    return len(deadline.places) == 2 and deadline.daytime and not any(message.tagged(label) for label in jobs)


def traffic_of_hours(message: Message, found: Quantities, deadline: Deadline) -> None:
    """What comes within opening hours is a mean rate."""
    for at, value in list(message.numbers()):
        if at not in deadline.places and items_at(message, at, value, batch=False) is not None:
            message.take(at, *deadline.places)
            rate = float(f"{value / (deadline.hours * SECONDS['h']):.4g}")
            found.keep("requests_per_second", rate, "the mean of these hours; its peak is not said")
            return


def take_items(message: Message, found: Quantities, items: Items) -> None:
    """Store a number of items as those of a job."""
    message.take(items.at)
    found.keep("batch_items", round(items.count))
    if message.tagged("nightly"):
        found.keep("jobs_per_month", float(f"{MONTH / SECONDS['day']:.4g}"), "the job is run every night")


def items_at(message: Message, at: int, value: float, batch: bool) -> Items | None:
    """The things that a number counts, with the period in which so many come; None where it counts something else."""
    noun = item_noun(message, at)
    if noun is None or value != int(value) or value < 1 or message.at(at + 1, "rate"):
        return None
    if message.at(noun.start, "unit.page") and not ((batch and value > MANY_PAGES) or value > A_PILE):
        return None
    if message.at(noun.end, "people") or (value > 1 and message.tokens[noun.start].text in SINGULAR):
        return None
    if at_once(message, at):
        return None
    return Items(value, at, period_after(message, at, noun.end))


def item_noun(message: Message, at: int) -> Tag | None:
    """The last noun for things to be worked on within a few words after a number."""
    if message.words(at + 1, at + 3) == ["of", "them"]:
        earlier = [
            tag for label in ("item", "request") for tag in message.within(label, message.sentence(at)[0], at)
        ]
        people = message.within("people", message.sentence(at)[0], at)
        return Tag("item", at + 1, at + 3) if earlier and not people else None
    found: Tag | None = None
    for place in range(at + 1, min(at + 1 + NOUN_FAR, message.clause(at)[1])):
        token = message.tokens[place]
        unfit = token.value is not None or token.name is not None or token.text in DATA
        if unfit or (found and not token.text.isalpha()):
            break
        noun = message.at(place, "item") or message.at(place, "request")
        if token.text == "d" and message.at(place + 1, "item") is not None:
            continue  # "2 millions d'avis"
        if any(message.at(place, label) for label in STOPPING) and not an_instance(message, at, noun):
            break
        if noun is not None:
            found = noun
        elif found or message.at(place, "stop") or not token.text[0].isalpha():
            break
    return found


def an_instance(message: Message, at: int, noun: Tag | None) -> bool:
    """Whether "instances" are tasks of a benchmark: many of them, and none of a machine that is named."""
    if noun is None or message.tokens[noun.start].text != "instances":
        return False
    machine = any(token.name is not None for token in message.tokens[noun.end : noun.end + 3])
    return (message.tokens[at].value or 0) >= FEWEST_UNLISTED and (
        not machine or message.words(noun.end, noun.end + 1) == ["with"]
    )


def period_after(message: Message, at: int, end: int) -> float | None:
    """The seconds of a period right after a noun, or before a number; a night is no period but a window."""
    for place in range(end, min(end + 3, message.sentence(at)[1])):
        if message.tokens[place].text in WITHIN | LASTED:
            break  # "questions in under an hour"
        if (period := period_at(message, place)) is not None:
            return period[0]
    before = period_in(message, message.clause(at)[0], at)
    return before if before is not None and before >= SECONDS["day"] else None


def outputs_of_items(message: Message) -> tuple[int, float] | None:
    """Read "25 question-answer pairs are wanted from every chunk": outputs of one item."""
    for at, value in message.numbers():
        noun = item_noun(message, at)
        if noun is None or not 1 < value <= MOST_OUTPUTS:
            continue
        stop = message.sentence(at)[1]
        for tag in message.within("outputs.of", noun.end, min(stop, noun.end + 4) + 1):
            follows = range(tag.end, min(stop, tag.end + 3))
            if any(message.at(place, label) for place in follows for label in ("item", "request")):
                return at, value
        if for_each_before(message, at):
            return at, value
    return None


def for_each_before(message: Message, at: int) -> bool:
    """Read "for each of 50,000 prompts I need 8 samples"."""
    for tag in message.within("outputs.of", max(message.sentence(at)[0], at - FOR_EACH_FAR), at):
        follows = range(tag.end, min(at, tag.end + 3))
        if EACH & set(message.words(tag.start, tag.end)) and any(
            message.at(place, "item") for place in follows
        ):
            return True
    return False


def multiply_outputs(found: Quantities) -> None:
    """Let an item's answer hold several outputs; each has the length that was said, or a usual one."""
    if found.outputs_of_item is None:
        return
    each = found.output_tokens or PER_OUTPUT_TOKENS
    found.output_tokens = None
    why = f"{found.outputs_of_item:g} outputs of an item, {each:,} tokens each"
    found.keep("output_tokens", round(each * found.outputs_of_item), why)


def rates_as_jobs(found: Quantities) -> None:
    """In batch use, what comes in a day or more is a job of that window: "80,000 invoices a day"."""
    items = found.items
    if (
        items is None
        or found.batch_items is not None
        or items.period is None
        or items.period < SECONDS["day"]
    ):
        return
    hours = items.period / SECONDS["h"]
    found.keep("batch_items", round(items.count))
    found.keep("deadline_hours", round(hours, 2), "what comes in a period is worked off within it")
    found.keep("jobs_per_month", float(f"{MONTH / items.period:.4g}"), "so often the period comes in a month")
