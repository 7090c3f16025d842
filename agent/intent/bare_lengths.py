"""Lengths without a unit: "isl 8192 osl 1024", "4k/300", "10k prompts", "6000 in, 400 out"."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.vocabulary import Tag

SHORTEST_BARE, LONG_PROMPT = 16, 1000
BETWEEN = word_set("between")
LONG_INPUTS = frozenset("prompt prompts input inputs contexts".split())
LONG_OUTPUTS = frozenset("answer answers output outputs completions responses".split())
ONE_INPUT = frozenset("prompt input eingabe entree entrada".split())
ONE_OUTPUT = frozenset(
    "final completion answer output response reply generation antwort ausgabe reponse respuesta resposta risposta".split()
)
LEAST_PAIRED = 256
BARE_LABELS = word_set("bare_labels")
WAYS = frozenset("in out en de em rein raus hinein heraus".split())
SIDES = ("side.prompt", "side.output")
MOVING = frozenset("go goes going come comes coming gets get flow flows".split())
SAYING = frozenset(
    "says answers writes replies returns emits outputs schreibt antwortet repond responde risponde scrive".split()
)
YEARS = range(1990, 2050)


def bare_pair(message: Message, at: int, then: int) -> bool:
    """Read "4k/300", "8192 -> 1024", "ISL/OSL 128/1": a prompt and its answer without a unit."""
    first, second = message.tokens[at].value or 0, message.tokens[then].value or 0
    if in_and_out(message, at, then):
        return True
    if message.words(at + 1, then) not in (["/"], ["->"], [":"], [","], ["and"]):
        return False
    if labelled_together(message, at):
        return first >= 1 and second >= 1
    if (
        message.words(at + 1, then) not in (["/"], ["->"], [":"])
        or first < LEAST_PAIRED
        or second < SHORTEST_BARE
    ):
        return False
    counts = any(
        message.at(then + 1, label) for label in ("people", "money", "rate", "request", "thing", "unit")
    )
    years = int(first) in YEARS and int(second) in YEARS
    return not counts and not years and message.words(at - 1, at) not in (["/"], ["$"], ["€"])


def in_and_out(message: Message, at: int, then: int) -> bool:
    """Read "in 180, out 400", "in: 180 / out: 400"."""
    sides_first = [word for word in message.words(at - 2, at) if word not in (":", "=")][-1:]
    between = [word for word in message.words(at + 1, then) if word not in (",", "/", "and", ":", "=", ";")]
    nouns = any(message.at(place + 1, "unit.s") for place in (at, then))
    return sides_first == ["in"] and between == ["out"] and not nouns


def labelled_together(message: Message, at: int) -> bool:
    """Whether both sides are named right before a number: "ISL/OSL 128/128", "prompt and answer = 300/80"."""
    place = at
    while place and message.tokens[place - 1].text in BETWEEN | {"(", "tokens", "lengths", "len"}:
        place -= 1
    second = [tag for tag in sides(message) if tag.end == place and tag.label == "side.output"]
    return any(
        tag.label == "side.prompt"
        and message.words(tag.end, second[0].start) in (["/"], ["and"], ["+"], ["und"], ["et"])
        for tag in sides(message)
        if second
    )


def bare_side(message: Message, at: int, value: float) -> str | None:
    """The side of a number without a unit: "isl 3000", "output length: 500", "6000 in"."""
    if (side := long_ones(message, at, value)) is not None and label_before(message, at) is None:
        return side
    if message.words(at + 1, at + 2) in (["out"], ["back"]) and value >= 1 and message.tagged("side.prompt"):
        return "side.output"
    if message.words(at + 1, at + 2) in (["of"], ["de"], ["an"]) and message.at(at + 2, "side.output"):
        return "side.output"
    if (side := moved(message, at)) is not None and value >= 1:
        return side
    if (side := singular(message, at, value)) is not None and label_before(message, at) is None:
        return side
    counts = any(
        message.at(at + 1, label) for label in ("unit", "people", "request", "rate", "money", "thing")
    )
    if not assigned(message, at) and (value < SHORTEST_BARE or counts):
        return None
    after = [tag for tag in sides(message) if tag.start == at + 1]
    if (before := label_before(message, at)) is not None and (not after or labels_lead(message)):
        return before
    if after and message.tokens[at + 1].text in BARE_LABELS | WAYS and is_label(message, at, after[0]):
        return after[0].label
    return before


def moved(message: Message, at: int) -> str | None:
    """Read "62k go in, 1.5k come out", "and then says 300": the way of a length, or the verb of what writes it."""
    if len(words := message.words(at + 1, at + 3)) > 1 and words[0] in MOVING:
        return {"in": "side.prompt", "out": "side.output", "back": "side.output"}.get(words[1])
    following = message.words(at + 1, at + 2)
    ends = not following or not following[0].isalpha()
    said = ends and (message.tokens[at].value or 0) >= SHORTEST_BARE
    place = at - (message.words(at - 1, at) in (["in"], ["with"], ["mit"], ["en"], ["con"]))
    return "side.output" if said and SAYING & set(message.words(place - 1, place)) else None


def singular(message: Message, at: int, value: float) -> str | None:
    """Read "1.2k prompt and 350 completion": several of one thing are its length."""
    word = " ".join(message.words(at + 1, at + 2))
    side = "side.prompt" if word in ONE_INPUT else "side.output" if word in ONE_OUTPUT else None
    following = message.words(at + 2, at + 3)
    ends = not following or not following[0].isalpha() or message.at(at + 2, "stop") is not None
    return side if value >= SHORTEST_BARE and ends else None


def is_label(message: Message, at: int, after: Tag) -> bool:
    """Whether a word after a number names its side: "6000 in" at an end, not "6000 in stock"."""
    following = message.words(at + 2, at + 3)
    ends = not following or not following[0].isalpha() or following[0] == "and"
    return after.end - after.start > 1 or message.tokens[at + 1].text != "in" or ends


def long_ones(message: Message, at: int, value: float) -> str | None:
    """Read "10k prompts", "1k answers": so long, unless they come in a period or at once."""
    start, end = message.clause(at)
    word = " ".join(message.words(at + 1, at + 2))
    counted = message.within("at_once", start, end) or period_at(message, at + 2)
    if value < LONG_PROMPT or counted or message.words(at - 1, at) == ["of"]:
        return None
    return "side.prompt" if word in LONG_INPUTS else "side.output" if word in LONG_OUTPUTS else None


def label_before(message: Message, at: int) -> str | None:
    """The side that is named right before a number: "isl 3000", "output length: 500", "in=512"."""
    place = at - 1
    while place > 0 and message.tokens[place].text in BETWEEN:
        place -= 1
    known = BARE_LABELS | (WAYS if assigned(message, at) else frozenset())
    labels = [
        tag for tag in sides(message) if tag.end == place + 1 and message.tokens[tag.start].text in known
    ]
    return labels[0].label if labels else None


def assigned(message: Message, at: int) -> bool:
    """Whether a number is the value of a key: "qps=12"."""
    return message.words(at - 1, at) in (["="], [":"])


def labels_lead(message: Message) -> bool:
    """Whether the first label of a side stands before its number: "isl 8192 osl 1024", not "8192 isl, 1024 osl"."""
    for at, token in enumerate(message.tokens):
        if token.value is None:
            continue
        if label_before(message, at) is not None:
            return True
        if assigned(message, at):
            continue
        if any(tag.start == at + 1 for tag in sides(message)):
            return False
    return False


def sides(message: Message) -> list[Tag]:
    """Words of the prompt and of the answer; the latter's phrases of shortening are of another kind."""
    return [tag for tag in message.tags if tag.label in SIDES]
