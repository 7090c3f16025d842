"""How long prompts and answers are: tokens, words, pages."""

import itertools

from agent.intent.bare_lengths import LONG_PROMPT, bare_pair, bare_side, sides
from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag

TOKENS = {
    "unit.token": 1.0,
    "unit.word": 4 / 3,
    "unit.page": 500.0,
    "unit.hanzi": 0.6,
    "unit.character": 0.25,
}
"""Of a Chinese character models make 0.6 tokens, of a Latin letter a quarter."""
INTO = word_set("into")
FEW_PAGES = 5
REFERRING = frozenset("the them our us those these which it that this".split())
LONGEST = 1_500_000
"""More tokens are a collection of documents, not a prompt."""
PAIRED = word_set("paired")
PARTS = word_set("parts")
OF = frozenset("of von de di mit with".split())
LIMITED = frozenset(
    "limit maximum max minimum budget total length window average mean cap size output up context sum least rate".split()
)
PAIR_FAR = 3
FROM = frozenset("between from zwischen von entre de da tra desde range".split())
TO = frozenset("and to und bis et a y e".split())
PER = (["per"], ["/"], ["pro"], ["par"], ["por"])
GENERATED = frozenset(
    "generate generating synthetic write produce create erzeugen generieren generer generar generare gerar".split()
)
BETWEEN = word_set("between")
ACROSS_CLAUSE, LEFT_IS_FURTHER = 8.0, 0.5
NEAR_SIDE = 4
EACH_BEFORE = frozenset("je jeweils each chacun chacune cada ciascuno ciascuna".split())


def read_lengths(message: Message, found: Quantities) -> None:
    """Prompt and answer lengths."""
    read_pairs(message, found)
    read_both(message, found)
    for at, value in list(message.numbers()):
        unit = unit_of(message, at)
        if unit and value >= LONG_PROMPT and message.words(at - 1, at) in PER:
            # "the cost per million tokens": a price, whose amount is read elsewhere.
            message.take(at)
            continue
        if unit and counts_no_length(message, at, value, unit):
            message.leave(at)
            continue
        side = side_beside(message, found, at, unit) if value <= LONGEST else None
        if side is None:
            continue
        message.take(at, *shorter_end(message, at))
        each = TOKENS[unit.label] if unit else 1.0
        name = "prompt_tokens" if side == "side.prompt" else "output_tokens"
        if getattr(found, name) is None and round(value * each) >= 1:
            found.keep(name, round(value * each))
            if unit and each != 1:
                found.notes.append(
                    (name, f"{round(value * each)}", f"{value:g} {unit.label[5:]}s at {each:.3g} tokens each")
                )


def side_beside(message: Message, found: Quantities, at: int, unit: Tag | None) -> str | None:
    """The side of a length, with what is known of the other: a second length that no word claims is the answer."""
    value = message.tokens[at].value or 0
    side = side_of(message, at, unit) if unit else bare_side(message, at, value)
    if found.outputs_of_item and unit and side == "side.prompt" and of_each(message, at, unit):
        return "side.output"
    if not found.prompt_tokens or found.output_tokens:
        return side
    if side is None:
        return second_length(message, at, unit)
    return "side.output" if guessed(message, at, unit, side) else side


def second_length(message: Message, at: int, unit: Tag | None) -> str | None:
    """The answer, where a prompt is known and one more length is said: "1,100 tokens -> 120", "1k of verdict", "4 tokens"."""
    if unit is not None:
        return "side.output" if unit.label in ("unit.token", "unit.word") else None
    if message.words(at + 1, at + 3)[1:] and message.words(at + 2, at + 3)[0] in REFERRING:
        return None
    arrow = message.words(at - 1, at) == ["->"] and bool(message.within("unit.token", *message.sentence(at)))
    noun = message.tokens[at + 2] if at + 2 < len(message.tokens) else None
    of = message.words(at + 1, at + 2) == ["of"] and noun is not None and noun.text.isalpha()
    other = any(
        message.at(at + 2, label)
        for label in ("thing", "people", "machine", "unit", "reasoning", "percentile", "side.prompt")
    )
    return "side.output" if arrow or (of and not other) else None


def guessed(message: Message, at: int, unit: Tag | None, side: str) -> bool:
    """Whether no word says that a second length is of the prompt: "verdict of 5 tokens" after "350 tokens each"."""
    if unit is None or unit.label != "unit.token" or side != "side.prompt":
        return False
    near = [tag for tag in sides(message) if tag.label == "side.prompt" and abs(tag.start - at) <= NEAR_SIDE]
    return not near and (of_an_item(message, at, unit) or labelled_otherwise(message, at))


def labelled_otherwise(message: Message, at: int) -> bool:
    """Whether a word of its own stands before a length: "verdict 200 tokens", "score is 10 tokens"."""
    place = at - 1
    while place > 0 and message.tokens[place].text in BETWEEN:
        place -= 1
    return (
        place >= 0
        and message.tokens[place].text.isalpha()
        and message.tokens[place].clause == message.tokens[at].clause
    )


def counts_no_length(message: Message, at: int, value: float, unit: Tag) -> bool:
    """Whether tokens or pages are a volume, or of what is worked on in parts."""
    large = value * TOKENS[unit.label] > LONGEST
    return large or period_at(message, unit.end) is not None or parted(message, unit)


def shorter_end(message: Message, at: int) -> list[int]:
    """The place of the lower end of "from 1k to 20k tokens"."""
    before = message.words(at - 3, at)
    ranged = len(before) == 3 and before[0] in FROM and before[2] in TO
    return [at - 2] if ranged and message.tokens[at - 2].value is not None else []


def parted(message: Message, unit: Tag) -> bool:
    """Whether pages are those of something that is worked on in parts: "a 187-page textbook gave 557 chunks"."""
    return unit.label == "unit.page" and bool(PARTS & {token.text for token in message.tokens})


def read_pairs(message: Message, found: Quantities) -> None:
    """Read "512/256 tokens", "6k in, 350 out": a prompt and its answer."""
    free = list(message.numbers())
    wanted = [at for at, _ in free if message.within("context.want", max(0, at - PAIR_FAR), at)]
    pairs = []
    for (at, first), (then, second) in itertools.pairwise(free):
        between = message.words(at + 1, then)
        unit = unit_of(message, then)
        if (
            unit
            and unit.label == "unit.token"
            and len(between) == 1
            and between[0] in PAIRED
            and not FROM & set(message.words(at - 1, at))
        ) or bare_pair(message, at, then):
            message.take(at, then)
            pairs.append((at, first, second))
    for _, first, second in sorted(
        pairs, key=lambda pair: (pair[0] not in wanted, not asked(message, pair[0]))
    )[:1]:
        found.keep("prompt_tokens", round(first))
        found.keep("output_tokens", round(second))


def asked(message: Message, at: int) -> bool:
    """Whether a number stands in a question."""
    return "?" in message.words(at, message.sentence(at)[1])


def read_both(message: Message, found: Quantities) -> None:
    """Read "30 tokens each way"."""
    for at, value in list(message.numbers()):
        unit = unit_of(message, at)
        if unit is not None and any(
            unit.end <= tag.start <= unit.end + 1 for tag in message.tagged("side.both")
        ):
            message.take(at)
            found.keep("prompt_tokens", round(value * TOKENS[unit.label]))
            found.keep("output_tokens", round(value * TOKENS[unit.label]))


def unit_of(message: Message, at: int) -> Tag | None:
    """The unit of length after a number: "20-page", "400 output tokens", "10,000 tender pages"."""
    for place in (at + 1, at + 2):
        for label in TOKENS:
            if (unit := message.at(place, label)) is not None:
                return unit
        if place < len(message.tokens) and (
            not message.tokens[place].text.isalpha() or message.at(place, "unit")
        ):
            return None
    return None


def side_of(message: Message, at: int, unit: Tag) -> str | None:
    """Whether a length is of the prompt or of the answer: what touches it, else the nearest word."""
    if unit.label != "unit.page" and (touching := touching_side(message, at, unit)) is not None:
        return touching
    if any(at - 3 <= tag.end <= at for tag in message.tagged("side.output.into")) or (
        unit.label != "unit.token" and shortened(message, at)
    ):
        return "side.output"
    if unit.label == "unit.page":
        return page_side(message, at, unit)
    if of_an_item(message, at, unit) or (
        of_each(message, at, unit) and not message.within("side.output", message.clause(at)[0], at)
    ):
        return "side.output" if GENERATED & set(message.words(message.sentence(at)[0], at)) else "side.prompt"
    ranked = sorted((distance(message, tag, at, unit.end), tag.label) for tag in sides(message))
    clause = message.clause(at)
    near = [label for gap, label in ranked if gap < ACROSS_CLAUSE]
    if near:
        return near[0]
    if message.tagged("c.text"):
        return "side.output"
    if ranked:
        return ranked[0][1]
    # "filings of 20,000 tokens", "articles, about 1,100 tokens each": what is read.
    reads = at - clause[0] > 1 and message.tokens[at - 1].text in BETWEEN
    return "side.prompt" if reads else None


def of_each(message: Message, at: int, unit: Tag) -> bool:
    """Read "1,100 tokens each", "700 tokens a page", "15k tokens on average"."""
    following = (
        message.at(unit.end, "each")
        or message.at(unit.end, "each.of")
        or message.at(unit.end, "percentile.mean")
    )
    item = per_thing(message, unit.end) or EACH_BEFORE & {
        *message.words(at - 1, at),
        *message.words(unit.end, unit.end + 1),
    }
    opened = message.words(at - 1, at) == ["("] and (
        message.before(at - 1, "item") or message.before(at - 1, "request")
    )
    average = bool(opened) or bool(
        {"avg", "average", "about", "around", "unos", "environ", "etwa"} & set(message.words(at - 2, at))
    )
    return bool(following or item or average) and unit.label == "unit.token"


def per_thing(message: Message, place: int) -> bool:
    """Read "per log", "a page", "pro Akte": of each thing, not of a time, a person or a GPU."""
    per = message.at(place, "per")
    if per is None or per.end >= len(message.tokens):
        return False
    labels = ("unit", "people", "machine", "per_stream", "target.gpu", "rate")
    other = any(message.at(per.end, label) for label in labels) or message.at(place, "per_stream")
    return bool(message.at(per.end, "item")) or (message.tokens[per.end].text.isalpha() and not other)


def of_an_item(message: Message, at: int, unit: Tag) -> bool:
    """Read "product texts of 900 tokens", "one-pagers of 1,400 tokens": the items that are worked on."""
    before = message.words(at - 2, at)
    named = any(tag.end == at - 1 for tag in sides(message))
    return (
        unit.label == "unit.token"
        and len(before) == 2
        and before[1] in OF
        and before[0].isalpha()
        and (not named and before[0] not in LIMITED)
    )


def shortened(message: Message, at: int) -> bool:
    """Read "in one page", "on about 200 words": what something is shortened to."""
    place = at - 1
    while place > 0 and message.tokens[place].text in (
        "about",
        "at",
        "most",
        "max",
        "under",
        "less",
        "than",
        "circa",
        "etwa",
        "maximal",
        "unas",
        "unos",
    ):
        place -= 1
    return place >= 0 and message.tokens[place].text in INTO


def page_side(message: Message, at: int, unit: Tag) -> str:
    """Pages are those of what is read, but for "2-page answers" and "a summary of two pages"."""
    after = [tag for tag in sides(message) if tag.start == unit.end]
    few = (message.tokens[at].value or 0) <= FEW_PAGES
    before = [
        tag
        for tag in sides(message)
        if tag.end in (at, at - 1) and (few or not message.at(tag.start, "c.summarise"))
    ]
    return (
        "side.output" if [tag for tag in (*after, *before) if tag.label == "side.output"] else "side.prompt"
    )


def touching_side(message: Message, at: int, unit: Tag) -> str | None:
    """Read "400 output tokens", "tokens in", "24k-token prompts", "out 350 tok"."""
    for tag in sides(message):
        if (
            (at < tag.start and tag.end <= unit.start)
            or (tag.start == at + 1 and tag.end == unit.end)
            or (tag.start == unit.end and message.tokens[tag.start].text not in ("in",))
        ):
            return tag.label
        if tag.start == unit.end and (
            tag.end >= len(message.tokens)
            or not message.tokens[tag.end].text.isalpha()
            or message.tokens[tag.end].text in PAIRED
        ):
            return tag.label
    place = at - 1
    while place > 0 and message.tokens[place].text in BETWEEN and message.tokens[place].text != "to":
        place -= 1
    before = [tag for tag in sides(message) if tag.end == place + 1]
    return before[-1].label if before else None


def distance(message: Message, tag: Tag, at: int, end: int) -> float:
    """Tokens between a length and a word, more across clauses."""
    gap = tag.start - end if tag.start >= end else at - tag.end + LEFT_IS_FURTHER
    own, other = message.tokens[at], message.tokens[tag.start]
    return gap + ACROSS_CLAUSE * ((own.clause != other.clause) + (own.sentence != other.sentence))
