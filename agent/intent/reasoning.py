"""Whether the model may reason before it answers, and how many tokens of thinking that takes."""

import re

from agent.intent.data import word_set
from agent.intent.message import Message, Token
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag

THINKING = re.compile(r"(?<!non-)(?<!no-)thinking", re.I)
FAR = 3
LEAST_BARE = 1_000
UP_TO = frozenset("up to max maximum until bis zu jusqu hasta fino ate".split())
SMALL = word_set("before") | {"~", "circa", "usually", "typically"}
LEAST_TOKENS, FEWEST_TOKENS, MANY_TOKENS = 64, 16, 500
PLUS = (["plus"], ["+"], ["and"], ["und"], ["et"], ["y"], ["e"], [","], ["/"])


def read_reasoning(message: Message, found: Quantities) -> None:
    """Thinking wanted or not; tokens of thinking are kept apart from those of answers."""
    for at, value in list(message.numbers()):
        if of_thinking(message, at, value):
            message.take(at)
            found.keep("thinking_tokens", round(value))
    if message.tagged("reasoning.off"):
        found.reasoning = False
    elif message.tagged("reasoning.on") or found.thinking_tokens:
        found.reasoning = not negated(message)
    elif any(of_thinking_model(token) for token in message.tokens):
        found.reasoning = True


def of_thinking_model(token: Token) -> bool:
    """Whether a model's name says that it thinks: "Kimi-K2-Thinking"."""
    name = token.name
    return name is not None and name.kind == "model" and THINKING.search(name.meant[0]) is not None


def of_thinking(message: Message, at: int, value: float) -> bool:
    """Read "8,000 thinking tokens", "6k tokens of reasoning", "a thinking budget of 4096", "thinks for 5k tokens"."""
    if message.words(at + 1, at + 2) in (["of"], ["de"], ["di"]) and message.at(at + 2, "reasoning"):
        return value >= FEWEST_TOKENS
    if value < LEAST_TOKENS:
        return False
    if value >= MANY_TOKENS and message.at(at + 1, "reasoning") and message.words(at + 2, at + 3) in PLUS:
        return True  # "16K thinking plus 4K final"
    if in_brackets(message, at):
        return True
    start, end = message.clause(at)
    unit = next((tag for place in (at + 1, at + 2) if (tag := message.at(place, "unit.token"))), None)
    for tag in message.tagged("reasoning"):
        named = at < tag.start <= at + 2 and unit is not None
        after = unit is not None and unit.end <= tag.start <= unit.end + 2 and tag.end <= end
        before = (
            tag.start >= start and tag.end <= at <= tag.end + FAR and not answers_between(message, tag, at)
        )
        budget = before and "budget" in message.words(tag.end, at)
        bare = value >= LEAST_BARE and (
            (before and UP_TO & set(message.words(tag.end, at))) or (unit is None and tag.start == at + 1)
        )
        if named or after or budget or bare or (before and unit is not None):
            return True
    return False


def in_brackets(message: Message, at: int) -> bool:
    """Read "its thinking (about 1,500 tokens)"."""
    place = at
    while place and message.tokens[place - 1].text in SMALL:
        place -= 1
    opened = message.words(place - 1, place) == ["("] and message.before(place - 1, "reasoning") is not None
    return opened and message.at(at + 1, "unit.token") is not None


def answers_between(message: Message, tag: Tag, at: int) -> bool:
    """Whether a number after a word for thinking is of the answer: "8k thinking tokens, answers of 500 tokens"."""
    answer = message.within("side.output", tag.end, min(len(message.tokens), at + FAR))
    return bool(answer) or any(
        token.value is not None for token in message.tokens[max(message.clause(at)[0], tag.start - 4) : at]
    )


def negated(message: Message) -> bool:
    """Whether the words for thinking stand after a negation: "we don't want it to think"."""
    return all(
        any(tag.start - FAR <= neg.start < tag.start for neg in message.negations(0, tag.start))
        for tag in message.tagged("reasoning.on")
    ) and bool(message.tagged("reasoning.on"))
