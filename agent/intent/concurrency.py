"""Requests in flight at once, and sessions of agents or long conversations open at once."""

from agent.intent.data import word_set
from agent.intent.load_factors import named_share, parts
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag
from agent.intent.workloads import TURNS

BETWEEN = word_set("between")
BEFORE = word_set("before")
MARK_FAR, NOUN_FAR, OPEN_FAR = 8, 4, 5
STEM = 4
USING = frozenset("us with using mit avec con com uns nous nosotros".split())
TARGETS = frozenset("at to against into on".split())
ALL = frozenset("all alle tous toutes todos todas tutti tutte everyone everybody each jeder and".split())
LEAST_WINDOW = 2_048
LARGEST = 1e9
PROGRAMS = ("agentic", "c.agent", "context.window", "c.codework", "c.multiturn", TURNS)
AS_REQUESTS = "people at once are taken as requests in flight"
NOT_LOAD = ("money", "unit", "target.model", "target.gpu", "machine", "rate", "throughput")


def read_concurrency(message: Message, found: Quantities) -> None:
    """Sessions first, then settings of the engine, then whatever is said to be at once."""
    for at, value in list(message.numbers()):
        if value != int(value) or not 0 <= value <= LARGEST * LARGEST or uncountable(message, at):
            continue
        if setting(message, at):
            listed = list_of_numbers(message, at)
            message.take(at, *listed)
            found.keep(
                "concurrent_requests",
                int(max([value, *(message.tokens[place].value or 0 for place in listed)])),
            )
        elif (sessions := sessions_at(message, at, value)) is not None:
            message.take(at)
            found.keep("concurrent_sessions", sessions)
        elif times_a_window(message, at):
            message.take(at)
            found.keep("concurrent_requests", int(value))
        elif at_once(message, at) and of_agents(message, at):
            message.take(at)
            found.keep("concurrent_sessions", int(value))
        elif at_once(message, at) and not a_part_of(message, at):
            message.take(at, *lower_end(message, at))
            message.take(*of_a_burst(message, at))
            people = any(message.at(place, "people") for place in range(at + 1, at + 1 + NOUN_FAR))
            each = owned_by(message, at, at + 1)
            found.keep("concurrent_requests", int(value * each), AS_REQUESTS if people else None)


def times_a_window(message: Message, at: int) -> bool:
    """Read "32k x 16 requests": a window for each of so many."""
    window = message.tokens[at - 2].value if at > 1 and message.words(at - 1, at) in (["x"], ["*"]) else None
    if (window or 0) >= LEAST_WINDOW and message.at(at + 1, "request") is not None:
        return True
    after = message.words(at + 1, at + 2) in (["x"], ["*"]) and message.at(at + 3, "request") is not None
    return after and (message.tokens[at + 2].value or 0) >= LEAST_WINDOW > (message.tokens[at].value or 0)


def a_part_of(message: Message, at: int) -> bool:
    """Read "a third of our 900 agents are active at once": the number is of all."""
    return any(
        end <= at <= end + OPEN_FAR and named_share(message, start, end) for start, end, _ in parts(message)
    )


def of_a_burst(message: Message, at: int) -> list[int]:
    """The place of the second in "bursts of 500 requests within a second": no latency."""
    places = range(at + 1, min(len(message.tokens), at + NOUN_FAR + 1))
    return [
        place
        for place in places
        if message.tokens[place].value == 1
        and message.at(place + 1, "unit.s")
        and message.tokens[place - 1].text in ("within", "in")
    ]


def of_agents(message: Message, at: int) -> bool:
    """Read "coding agents: 25 in parallel"."""
    start, end = message.sentence(at)
    others = any(
        message.at(place, label)
        for place in range(at + 1, min(end, at + NOUN_FAR))
        for label in ("people", "request")
    )
    return not others and bool(message.within("agentic", start, at) or message.within("c.agent", start, at))


def list_of_numbers(message: Message, at: int) -> list[int]:
    """The places of further numbers of a list: "concurrency 1, 4, 16, 64"."""
    found, place = [], at + 1
    while (
        message.words(place, place + 1) in ([","], ["/"], ["and"], ["und"])
        and message.tokens[place + 1 : place + 2]
    ):
        paired = message.words(place + 2, place + 3) in (["/"], ["->"]) and message.words(
            place, place + 1
        ) == [","]
        if message.tokens[place + 1].value is None or paired:
            break
        found.append(place + 1)
        place += 2
    return found


def lower_end(message: Message, at: int) -> list[int]:
    """The place of the lower end of "between 50 and 80"."""
    between = message.words(at - 1, at) in (
        ["and"],
        ["to"],
        ["bis"],
        ["und"],
        ["a"],
        ["y"],
        ["e"],
        ["et"],
        ["-"],
    )
    return [at - 2] if between and at > 1 and message.tokens[at - 2].value is not None else []


def uncountable(message: Message, at: int) -> bool:
    """Whether a number is a share, an amount, a length or counts hardware."""
    after = message.tokens[at + 1] if at + 1 < len(message.tokens) else None
    if after is not None and (after.text == "%" or after.value is not None or after.name is not None):
        return True
    return any(
        (tag := message.at(at + 1, label)) is not None and message.words(tag.start, tag.end) != ["calls"]
        for label in NOT_LOAD
    )


def setting(message: Message, at: int) -> bool:
    """Read "batch size 8", "concurrency of 16", "max-num-seqs=64"."""
    place = at
    while place and message.tokens[place - 1].text in BETWEEN:
        place -= 1
    return any(tag.end in range(place, at + 1) for tag in message.tagged("load.setting"))


def at_once(message: Message, at: int) -> bool:
    """Whether a word for "at once" belongs to a number: no other number stands between."""
    start, end = message.sentence(at)
    for tag in message.tagged("at_once"):
        if at < tag.start <= at + MARK_FAR and tag.end <= end:
            between = message.tokens[at + 1 : tag.start]
            parted = any(
                (token.value is not None and not a_length(message, place))
                or (token.name is not None and not sent_to(message, place))
                for place, token in enumerate(between, at + 1)
            )
            comma = any(token.text in (";", "(") for token in between) or parted_by_comma(
                message, at, tag.start
            )
            busy = message.words(tag.start, tag.end) == ["running"] and with_object(message, tag.end)
            if not parted and not comma and not busy and not period_between(message, at, tag.start):
                return True
        if (
            start <= tag.start
            and tag.end <= at
            and all(small(message, place) for place in range(tag.end, at))
        ):
            return True
    return False


def a_length(message: Message, place: int) -> bool:
    """Whether a number is of tokens: "40 people each sending a 3,000 token prompt at the same instant"."""
    return message.at(place + 1, "unit.token") is not None


def parted_by_comma(message: Message, at: int, end: int) -> bool:
    """Whether a comma ends what a number counts, but for "thirty colleagues, all typing at once"."""
    commas = [place for place in range(at + 1, end) if message.tokens[place].text == ","]
    return any(message.tokens[place + 1].text not in ALL for place in commas)


def with_object(message: Message, place: int) -> bool:
    """Whether people are running something, and are not running themselves: "25 devs running two sessions each"."""
    return place < len(message.tokens) and (
        message.tokens[place].value is not None
        or message.tokens[place].text in ("a", "an", "their", "our", "some")
    )


def sent_to(message: Message, place: int) -> bool:
    """Whether a name is only where requests go: "500 requests at Falcon-40B in the same second"."""
    return message.tokens[place - 1].text in TARGETS


def small(message: Message, place: int) -> bool:
    """Whether a word may stand between "at the same time" and its number."""
    return message.tokens[place].text in BEFORE | BETWEEN | {
        ":",
        "requests",
        "users",
        "request",
        "some",
        "must",
        "handle",
        "serve",
    }


def period_between(message: Message, at: int, end: int) -> bool:
    """Whether a period of time stands between two places: "5,000 a day, many at once"."""
    return any(period_at(message, place) is not None for place in range(at + 1, end))


def sessions_at(message: Message, at: int, value: float) -> int | None:
    """Sessions that a number counts: "33 sessions at 50K", "40 coding agents", "four agents each" of twelve developers."""
    if keyed(message, at) or of_them(message, at):
        return int(value)
    for place in range(at + 1, min(at + 1 + NOUN_FAR, message.clause(at)[1])):
        token = message.tokens[place]
        if token.value is not None or token.name is not None or token.text in USING:
            return None
        noun = message.at(place, "session") or agents(message, place) or kept_open(message, place)
        if noun is None:
            people = message.at(place, "people")
            if (
                people
                and message.tokens[place].text not in ("agents", "agent")
                and not message.within("session", people.start, people.end)
            ):
                return None
            continue
        end = noun.end
        if period_at(message, end) or message.at(end, "item") or message.at(place, "item"):
            return None
        owners = owned_by(message, at, end)
        return int(value * owners)
    return None


def keyed(message: Message, at: int) -> bool:
    """Read "Sessions: 120", "agents = 40"."""
    after = message.at(at + 1, "unit") or message.at(at + 1, "people") or message.at(at + 1, "request")
    assigned = message.words(at - 1, at) in ([":"], ["="]) and after is None
    return assigned and bool(message.before(at - 1, "session") or message.before(at - 1, "agentic"))


def of_them(message: Message, at: int) -> bool:
    """Read "sessions reach 150k tokens, 40 of them stay warm"."""
    start, stop = message.sentence(at)
    kept = message.within("thread.open", at + 3, min(stop, at + 3 + OPEN_FAR))
    return message.words(at + 1, at + 3) == ["of", "them"] and bool(
        kept and message.within("session", start, at)
    )


def kept_open(message: Message, place: int) -> Tag | None:
    """A conversation that stays: "150 conversations stay open all day", "60 long-lived chats"."""
    noun = message.at(place, "thread.noun")
    if noun is None:
        return None
    after = message.within("thread.open", noun.end, min(message.sentence(place)[1], noun.end + OPEN_FAR))
    before = message.within("thread.long", place - OPEN_FAR, place)
    return noun if after or before else None


def agents(message: Message, place: int) -> Tag | None:
    """A word for agents that are programs: "coding agents", or "agents" where such are spoken of."""
    noun = message.at(place, "agentic")
    if noun is not None:
        return noun
    noun = message.at(place, "people")
    for_things = noun is not None and (
        message.at(noun.end + 1, "item") or message.at(noun.end + 1, "thread.noun")
    )
    coder = any(token.name is not None and "coder" in token.name.meant[0] for token in message.tokens)
    program = (coder or any(message.tagged(label) for label in PROGRAMS)) and not message.tagged("c.support")
    program = (
        program or bool(for_things and noun and message.at(noun.end, "per")) or of_owners(message, place)
    )
    return (
        message.at(place, "people")
        if program and message.tokens[place].text in ("agents", "agenten", "agentes", "agenti")
        else None
    )


def of_owners(message: Message, place: int) -> bool:
    """Read "15 developers, each with two agents", "12 devs with 4 agents each": agents that people have are programs."""
    start, _ = message.sentence(place)
    owned = message.within("each.of", start, place) or message.within("each", start, place)
    if not owned and not message.tagged("c.support"):
        owned = message.within("each.of", place + 1, place + 3)
    return bool(owned) and any(
        message.at(then, "people") and message.tokens[then].text[:STEM] != message.tokens[place].text[:STEM]
        for then in range(start, place)
    )


def of_things(message: Message, at: int, end: int) -> float | None:
    """How many things have so many each: "three agents per ticket, 15 tickets in work at any moment"."""
    per = message.at(end, "per")
    if per is None or per.end >= len(message.tokens):
        return None
    stem = message.tokens[per.end].text[:STEM]
    start, stop = message.sentence(at)
    others = (
        token.value
        for place, token in enumerate(message.tokens[start:stop], start)
        if token.value is not None
        and place != at
        and message.words(place + 1, place + 2)
        and message.tokens[place + 1].text.startswith(stem)
    )
    return next(others, None) if len(stem) == STEM else None


def owned_by(message: Message, at: int, end: int) -> float:
    """How many people have so many each, 1 where the number is of all: "12 devs, each has four agents"."""
    start, stop = message.sentence(at)
    each = [tag for tag in message.tagged("each.of") if start <= tag.start and tag.end <= stop]
    each += [
        tag
        for tag in message.within("per", start, stop)
        if message.at(tag.end, "people") is not None and message.words(tag.start, tag.end) != ["a"]
    ]
    if (things := of_things(message, at, end)) is not None:
        return things
    times = message.words(at - 1, at) == ["x"] and any(message.at(at - step, "people") for step in (2, 3))
    if not times and not any(tag.end <= at or end <= tag.start <= end + 2 for tag in each):
        return 1
    people = [
        token.value
        for place, token in enumerate(message.tokens[start:stop], start)
        if token.value is not None
        and place != at
        and any(message.at(place + step, "people") for step in (1, 2))
    ]
    return people[0] if people and people[0] else 1
