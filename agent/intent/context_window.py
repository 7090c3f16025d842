"""The context window that must be served: "128k window", "--max-model-len 32768", "sessions at 50K each"."""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.periods import period_at
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag

BETWEEN = word_set("between") | {
    "only",
    "at",
    "set",
    "to",
    "up",
    "than",
    "least",
    "full",
    "whole",
    "the",
    "complete",
    "with",
    "all",
    "sit",
    "sits",
    "hover",
    "stay",
    "run",
    "average",
    "averages",
    "around",
    "about",
    "roughly",
    "da",
    "von",
    "mit",
    "auf",
    "a",
    "con",
    "com",
}
LEAST, LEAST_BARE, LONGEST = 256, 2048, 1e12
HOW_MANY = word_set("how_many")
SHORT_WINDOW = 4_096
"""No model of today has a window as short as this: the length of a request is meant, too."""
NEAR, WANT_FAR = 4, 5
AT = frozenset("at of a with mit de con com".split())
EACH_BEFORE = frozenset("je jeweils each chacun chacune cada ciascuno ciascuna".split())
UP_TO = frozenset("up to about around roughly some bis zu etwa rund jusqu a unos circa ate".split())
POWER_LEAST = 32_768
WANTED_BARE = 1.5
"""A bare number that is wanted counts for more than a window that is there."""
FAILED = frozenset("oom ooms crashes crash fails failed dies died".split())
HOLDS = frozenset("works fits loads boots geht lauft passt passe cabe funziona funciona".split())
ONTO = frozenset("on with auf mit sur avec en con su com".split())
LEAST_LINKED = 4_000
ENDS = frozenset("? . , ; ! ) and or".split())
FITS = frozenset("fit fits fitting passt passen tient cabe caben entra sta fitted".split())
NOUNS = (
    "people",
    "request",
    "money",
    "rate",
    "throughput",
    "thing",
    "item",
    "unit.ms",
    "unit.s",
    "unit.page",
    "unit.word",
)


def read_context(message: Message, found: Quantities) -> None:
    """The window that is named as such, the one that is wanted before one that was only seen."""
    candidates = [
        (score, -at, at, value)
        for at, value in message.numbers()
        if (score := window_score(message, at, value)) > 0
    ]
    if not candidates:
        return
    best = max(candidates)
    # What was seen, or would do as well, is an observation of the same window.
    message.take(*(entry[2] for entry in candidates))
    if grown_from(message, best[2]):
        message.take(best[2] - 2)
    found.keep("context_tokens", round(best[3]))


def read_short_window(_message: Message, found: Quantities) -> None:
    """After the lengths: a window as short as a prompt is one where no prompt is said."""
    if found.context_tokens and found.context_tokens <= SHORT_WINDOW:
        found.keep("prompt_tokens", found.context_tokens, "a window as short as this is taken as the prompt")


def window_score(message: Message, at: int, value: float) -> float:
    """How much speaks for a number being the window; 0 where nothing does."""
    if not LEAST <= value <= LONGEST or of_a_period(message, at):
        return 0
    if value >= LEAST_BARE and times_requests(message, at):
        return 2
    if value >= LEAST_BARE and of_what_is_asked(message, at):
        return 2
    if counts_other(message, at):
        return 0
    if any(touching_before(message, at, tag) for tag in message.tagged("context.flag")):
        return 5
    if value >= LEAST_BARE and (message.before(at, "context.grown") is not None or grown_from(message, at)):
        return 4
    score = 3 if of_a_window(message, at) else bare_score(message, at, value)
    if not score:
        return 0
    start = max(message.sentence(at)[0], at - WANT_FAR)
    if message.within("context.seen", start, at) or failed(message, at):
        return 0.1
    return score + bool(message.within("context.want", start, at))


def of_what_is_asked(message: Message, at: int) -> bool:
    """Read "how many concurrent 128k sessions": how many is asked, so the number is the length of each."""
    counted = message.at(at + 1, "session") or message.at(at + 1, "request")
    asked = HOW_MANY & set(message.words(max(message.clause(at)[0], at - NEAR), at))
    return counted is not None and bool(asked)


def of_a_period(message: Message, at: int) -> bool:
    """Read "5M tokens per developer per day": a volume."""
    tokens = message.at(at + 1, "unit.token")
    if tokens is None:
        return False
    places = range(tokens.end, min(message.clause(at)[1], tokens.end + NEAR + 1))
    return any(period_at(message, place) is not None for place in places)


def failed(message: Message, at: int) -> bool:
    """Read "1M of context goes OOM": what was tried and did not fit."""
    words = set(message.words(at + 1, min(at + 1 + WANT_FAR, message.clause(at)[1])))
    return bool(FAILED & words) or {"out", "memory"} <= words


def bare_score(message: Message, at: int, value: float) -> float:
    """How much speaks for the window where no word for it stands by the number."""
    if value >= LEAST_BARE and value % 8 == 0 and bare(message, at):
        if loosely_of_a_window(message, at):
            start = max(message.sentence(at)[0], at - NEAR)
            return 1 + WANTED_BARE * bool(message.within("context.want", start, at))
        if with_a_window(message, at):
            return 1
    if power_of_two(value) and value >= POWER_LEAST and not message.within("side", at, at + NEAR):
        return 1
    if at_each(message, at, value):
        return 2
    return 1 if held(message, at, value) else 0


def held(message: Message, at: int, value: float) -> bool:
    """Read "128k ran out of memory, 64k works": what a model that is named was run with."""
    model = any(token.name is not None and token.name.kind == "model" for token in message.tokens)
    works = set(message.words(at + 1, at + 2)) & HOLDS
    return model and bool(works) and value_of_a_window(value) and not message.tagged("people")


def counts_other(message: Message, at: int) -> bool:
    """Whether the word after a number says that it counts something else."""
    if message.at(at + 1, "context.window") or message.at(at + 1, "context.flag"):
        return False
    return any(message.at(at + 1, label) for label in NOUNS) or message.words(at + 1, at + 2) == ["%"]


def of_a_window(message: Message, at: int) -> bool:
    """Read "128k window", "128k tokens of context", "context set to 65k", not "contexts of 30k"."""
    # "contexts of 30k tokens" are what lawyers read; of a model that was named they are windows.
    served = any(token.name is not None and token.name.kind in ("gpu", "model") for token in message.tokens)
    windows = [
        tag
        for tag in message.tagged("context.window")
        if served or message.words(tag.start, tag.end)[-1] != "contexts"
    ]
    start, end = message.sentence(at)
    for tag in windows:
        after = message.words(at + 1, tag.start)
        if at < tag.start <= at + NEAR and all(skipped(message, place) for place in range(at + 1, tag.start)):
            return tag.end <= end and len(after) < NEAR
        if tag.start >= start and touching_before(message, at, tag):
            return True
    return False


def skipped(message: Message, place: int) -> bool:
    """Whether a word may stand between a number and "context"."""
    word = message.tokens[place].text
    return (
        word in BETWEEN
        or message.at(place, "unit.token") is not None
        or word in ("of", "de", "di", "da", "token", "max", "maximum", "total")
    )


def touching_before(message: Message, at: int, tag: Tag) -> bool:
    """Whether only small words stand between a word and the number after it."""
    return tag.end <= at <= tag.end + NEAR and all(
        word in BETWEEN or message.at(place, "context.want") or message.at(place, "adverb")
        for place, word in zip(range(tag.end, at), message.words(tag.end, at), strict=True)
    )


def bare(message: Message, at: int) -> bool:
    """Whether nothing but tokens, or no noun at all, follows a number."""
    after = message.at(at + 1, "unit.token")
    place = after.end if after else at + 1
    if place >= len(message.tokens):
        return True
    word = message.tokens[place].text
    return (
        not word[0].isalpha()
        or bool(message.at(place, "stop") or message.at(place, "enough"))
        or word in ("is", "are", "instead")
    )


def loosely_of_a_window(message: Message, at: int) -> bool:
    """Read "I only get to 44K of context, need 128K": a bare number beside talk of the window."""
    near = message.within("context.want", max(0, at - WANT_FAR), at) or message.within(
        "enough", at, at + WANT_FAR
    )
    speeds = message.within("throughput", *message.sentence(at))
    named = message.tagged("context.window") or message.tagged("context.flag")
    return bool(named) and bool(near) and not speeds


def grown_from(message: Message, at: int) -> bool:
    """Read "prompts climb from 9k to 22k"."""
    words = message.words(at - 3, at)
    ranged = (
        len(words) == 3
        and words[0] in ("from", "von", "de", "da")
        and words[2] in ("to", "auf", "bis", "a", "para")
    )
    return ranged and message.before(at - 3, "context.grows") is not None


def with_a_window(message: Message, at: int) -> bool:
    """Read "how many at once @ 8k?", "fits w/ 128k?": beside a model, a bare number of thousands is its window."""
    named = any(token.name is not None for token in message.tokens)
    at_sign = message.words(at - 1, at) == ["@"] or message.words(at - 2, at) == ["w", "/"]
    following = set(message.words(at + 1, at + 2))
    ends = not following or bool(following & ENDS) or (bool(following & ONTO) and beside_name(message, at))
    asks = bool(message.tagged("goal.fits") or FITS & {token.text for token in message.tokens})
    linked = message.words(at - 1, at) in (["with"], ["at"], ["mit"], ["bei"], ["avec"], ["con"], ["com"])
    return (
        named
        and ends
        and (
            at_sign
            or (
                linked
                and (asks or beside_name(message, at))
                and value_of_a_window(message.tokens[at].value or 0)
            )
        )
    )


def beside_name(message: Message, at: int) -> bool:
    """Read "qwen3-coder-next fp8 at 256k", "requests at 256k"."""
    before = message.tokens[max(0, at - NEAR) : at - 1]
    asked = message.before(at - 1, "request") or message.before(at - 1, "session")
    model = any(token.name is not None and token.name.kind == "model" for token in before)
    return message.words(at - 1, at) == ["at"] and bool(asked or model)


def value_of_a_window(value: float) -> bool:
    """Whether windows are of such a size: 8k, 32768, 128k."""
    return value >= LEAST_LINKED and (value % 1000 == 0 or power_of_two(value))


def at_each(message: Message, at: int, value: float) -> bool:
    """Read "33 sessions at 50K tokens each", "each at 50K"."""
    if value < LEAST_BARE:
        return False
    tokens = message.at(at + 1, "unit.token")
    place = tokens.end if tokens else at + 1
    place += message.words(place, place + 1) in (
        ["history"],
        ["cache"],
        ["deep"],
        ["verlauf"],
        ["historique"],
    )
    each = message.at(place, "each.of") or message.at(place, "each")
    before = message.words(at - 2, at)
    linked = bool(before) and before[-1] in AT
    if (
        before
        and before[-1] in EACH_BEFORE
        and tokens
        and any(message.tagged(x) for x in ("session", "agentic", "thread.open"))
    ):
        return True
    if of_a_conversation(message, place):
        return True
    if not any(message.tagged(label) for label in ("session", "agentic", "thread.open")):
        at_once = linked and each is not None and message.tagged("at_once") and not message.tagged("item")
        if at_once:
            return True
        return linked and each is not None and message.words(at - 1, at) == ["at"]
    place_before = at
    while place_before and message.tokens[place_before - 1].text in UP_TO:
        place_before -= 1
    if message.before(place_before, "context.holds") is not None or message.words(at - 1, at) == ["x"]:
        return True
    inside = message.words(place, place + 1) in (["in"], ["per"]) and bool(
        message.at(place + 1, "each") or message.at(place + 1, "session") or message.at(place, "each.of")
    )
    sided = message.within("side", max(message.clause(at)[0], at - NEAR), place)
    of_each = tokens is not None and each is not None and not sided
    return inside or of_each or (linked and bool(each or before[0] == "each" or tokens))


def of_a_conversation(message: Message, place: int) -> bool:
    """Read "4k per conversation", "8k a session", "16k per slot"."""
    per = message.at(place, "per") or message.at(place, "each.of")
    if per is None:
        return False
    end = per.end if message.at(place, "per") else place + 1
    slot = message.words(end, end + 1) in (["slot"], ["sequence"], ["seq"], ["agent"])
    return slot or any(message.at(end, label) is not None for label in ("thread.noun", "session"))


def times_requests(message: Message, at: int) -> bool:
    """Read "32k x 16 requests", "16 x 32k": a window for each of several requests."""
    if message.words(at - 1, at) in (["x"], ["*"]) and at > 1 and message.at(at + 1, "request") is not None:
        return 0 < (message.tokens[at - 2].value or 0) < LEAST and value_of_a_window(
            message.tokens[at].value or 0
        )
    times = message.words(at + 1, at + 2) in (["x"], ["*"])
    return times and any(
        message.at(at + 3, label) is not None for label in ("request", "session", "people", "thread.noun")
    )


def power_of_two(value: float) -> bool:
    """Whether a number is one as windows are: 32768, 131072, 262144."""
    whole = int(value)
    return value == whole and whole > 0 and whole & (whole - 1) == 0
