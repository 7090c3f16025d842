"""Which of the named GPUs and models are wanted, which are ruled out."""

import re
from dataclasses import dataclass

from agent.intent.data import load, word_set
from agent.intent.message import Message
from agent.intent.scope import reaches
from agent.intent.sketch import sketch
from agent.intent.vocabulary import Tag

LISTING = word_set("listing")
BY = word_set("by")
UNNAMED = frozenset(
    (
        "something",
        "anything",
        "newer",
        "cheaper",
        "else",
        "cloud",
        "etwas",
        "neueres",
        "autre",
        "algo",
        "altro",
        "outra",
    )
)
TOWARDS = frozenset(("to", "onto", "->", "into"))
INSTEAD = frozenset(
    ("instead", "rather", "in", "statt", "anstatt", "anstelle", "au", "plutot", "lugar", "invece", "vez")
)
NEGATION_FAR, AFTER_FAR, FINE_FAR = 7, 6, 3


@dataclass(frozen=True)
class Named:
    """Wanted, unwanted and replaced names, in the order of the message."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def named(message: Message, kind: str) -> Named:
    """Names of GPUs (with makers in place of GPUs) or of models, split by what the words around say."""
    kinds = ("gpu", "maker") if kind == "gpu" else (kind,)
    groups = listed(message, kinds)
    specific = any(message.tokens[place].name.kind == "gpu" for group in groups for place in group)  # type: ignore[union-attr]
    split: dict[str, dict[str, None]] = {"wanted": {}, "unwanted": {}, "replaced": {}, "ignored": {}}
    for group in groups:
        verdict = judged(message, group[0], group[-1])
        for place in group:
            name = message.tokens[place].name
            assert name is not None
            if (
                name.kind == "maker"
                and verdict == "wanted"
                and (specific or not as_a_wish(message, place, name.meant))
            ):
                continue
            split[verdict] |= dict.fromkeys(name.meant)
    if not split["wanted"] and "?" in message.text and not changing(message):
        split["wanted"] = split["ignored"]
    insisted = {name for place in insisting(message) for name in message.tokens[place].name.meant}  # type: ignore[union-attr]
    wanted = tuple(name for name in split["wanted"] if name not in split["unwanted"] or name in insisted)
    return Named(wanted, tuple(split["unwanted"]), tuple(split["replaced"]))


def changing(message: Message) -> bool:
    """Whether a message asks for something else than what runs now."""
    return re.search(load("goals")["changing"], message.text) is not None


def insisting(message: Message) -> list[int]:
    """Places of names that "only" stands beside: what is ruled out as well contradicts it."""
    return [
        place
        for place, token in enumerate(message.tokens)
        if token.name and (message.at(place + 1, "only") or message.before(place, "only"))
    ]


def listed(message: Message, kinds: tuple[str, ...]) -> list[list[int]]:
    """Places of names, those of one list together: "no H100, H200 or B200"."""
    groups: list[list[int]] = []
    for place, token in enumerate(message.tokens):
        if token.name is None or token.name.kind not in kinds:
            continue
        between = message.words(groups[-1][-1] + 1, place) if groups else ["none"]
        if groups and all(word in LISTING for word in between) and not (between and is_fine(message, place)):
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def is_fine(message: Message, place: int) -> bool:
    """Read "no H100, L40S is fine": what is allowed is not of the list before it."""
    end = min(message.clause(place)[1], place + 1 + FINE_FAR)
    return bool(message.within("allowed", place + 1, end))


def judged(message: Message, first: int, last: int) -> str:
    """Whether a list of names is wanted, ruled out, replaced by another, or only told of."""
    start = max(message.clause(first)[0], first - NEGATION_FAR)
    crossed = [
        place for place in range(start, first) if message.tokens[place].name or message.at(place, "only")
    ]
    start = max([start, *(place + 1 for place in crossed)])
    given_up = [
        tag for tag in message.within("replaced", start, first) if really_replaced(message, tag, last)
    ]
    if (
        given_up
        and not message.negations(start, first)
        and not BY & set(message.words(given_up[-1].end, first))
    ):
        return "replaced"
    if message.within("now", start, first):
        return "ignored"
    before = [tag for tag in message.negations(start, first) if reaches(message, tag, first)]
    if before and not (
        [
            dim
            for dim in message.within("dim", before[-1].end, first)
            if message.before(dim.end + 1, "for") is None
        ]
        or message.within("availability", before[-1].start, first)
    ):
        return "unwanted"
    return "unwanted" if ruled_out_after(message, last) else "wanted"


def really_replaced(message: Message, tag: Tag, last: int) -> bool:
    """Read "from A100 to H100" as a change; "build it from A100" takes A100."""
    words = message.words(tag.start, tag.end)
    asked = "?" in message.words(last, message.sentence(last)[1])
    weighed = words[0] in INSTEAD | {"from"} and re.search(load("goals")["weighed"], message.text) is not None
    if asked and weighed and words == ["from"]:
        return False
    if asked and (words == ["replace"] or weighed):
        # "Would one B200 replace four H100?" and "H200 instead of H100, worth it?" hold the two against each other.
        return not any(token.name for token in message.tokens[message.clause(tag.start)[0] : tag.start])
    if message.words(tag.start, tag.end) != ["from"]:
        return True
    end = message.sentence(last)[1]
    return bool(TOWARDS & set(message.words(last + 1, end)) and leads_on(message, last + 1, end)) or bool(
        message.tagged("change")
    )


def leads_on(message: Message, start: int, end: int) -> bool:
    """Whether what a change leads to follows: a name, or "something newer"; "up to 40 users" is none."""
    names = [token.name for token in message.tokens[start:end] if token.name and token.name.kind != "model"]
    return bool(names) or bool(UNNAMED & set(message.words(start, end)))


def ruled_out_after(message: Message, last: int) -> bool:
    """Read "H100s are off limits", "A100 kommt nicht in Frage", "Blackwell können wir nicht beschaffen"."""
    if re.search(load("goals")["partly_taken"], sketch(message)):
        return False  # what others do not use of it is there
    end = min(message.clause(last)[1], last + 1 + AFTER_FAR)
    others = [place for place in range(last + 1, end) if message.tokens[place].name]
    end = min([end, *others])
    tags = [tag for tag in message.within("neg.after", last + 1, end + 2) if last < tag.start < end]
    return any(not reserved_for_long(message, tag) for tag in tags)


def reserved_for_long(message: Message, tag: Tag) -> bool:
    """Read "reserved for a year", "booked for 6 months": a kind of price, and nobody else's."""
    words = message.words(tag.start, tag.end + 1)
    return words[-2:-1] == ["for"] and bool(message.within("unit", tag.end, tag.end + 3))


def as_a_wish(message: Message, place: int, members: tuple[str, ...]) -> bool:
    """A maker's name alone is a wish where it narrows: "AMD only", "on Hopper"; every NVIDIA card narrows nothing."""
    few = len(members) <= 6
    only = bool(message.within("only", *message.clause(place)))
    return few or only
