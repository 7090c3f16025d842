"""The use case that the words of a message point to: concepts found, points from a table of rules."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from agent.intent.data import load
from agent.intent.message import Message
from agent.intent.types import UseCaseName
from agent.intent.vocabulary import Tag

SUMMARY: UseCaseName = "summarization_short"
LONG: UseCaseName = "long_document_summarization"
LONG_TOKENS = 7_500
"""A prompt of fifteen pages and more is a long document."""


class Rule(BaseModel):
    """Points for a use case where concepts occur together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: UseCaseName
    points: float
    when: tuple[str, ...]
    near: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The best use case of a message with its points."""

    case: UseCaseName | None = None
    points: float = 0.0
    long: bool = False
    """Whether what is read is long: it tells two kinds of summaries apart, whenever it is said."""
    scores: dict[UseCaseName, float] = field(default_factory=dict)


@functools.cache
def rules() -> tuple[Rule, ...]:
    """The table of rules."""
    return tuple(Rule.model_validate(row) for row in load("rules"))


def concepts(message: Message) -> list[set[str]]:
    """The concepts of each sentence."""
    found: dict[int, set[str]] = {}
    for tag in message.tags:
        if tag.label.startswith("c.") and not denied(message, tag):
            found.setdefault(message.tokens[tag.start].sentence, set()).add(tag.label[2:])
        if tag.label == "c.language" and message.before(tag.start, "c.into"):
            found.setdefault(message.tokens[tag.start].sentence, set()).add("into_language")
    for token in message.tokens:
        if token.name is not None and token.name.kind == "model" and "ocr" in token.name.meant[0].casefold():
            found.setdefault(token.sentence, set()).add("extract")
    return list(found.values())


def denied(message: Message, tag: Tag) -> bool:
    """Whether a concept is ruled out: "not a chatbot", "no translation needed"."""
    clause = message.clause(tag.start)
    return any(
        tag.start - neg.end in (0, 1) for neg in message.negations(clause[0], tag.start) if neg.label == "neg"
    )


def use_case(message: Message, prompt_tokens: int | None) -> Reading:
    """The use case with most points; a summary of something long is of its own kind."""
    sentences = concepts(message)
    scores: dict[UseCaseName, float] = {}
    for rule in rules():
        if applies(rule, sentences):
            scores[rule.case] = scores.get(rule.case, 0.0) + rule.points
    long = any("long" in sentence for sentence in sentences) or (prompt_tokens or 0) >= LONG_TOKENS
    if not scores:
        return Reading(long=long)
    best = max(scores, key=lambda name: scores[name])
    points = scores[best]
    if best == SUMMARY and long:
        best = LONG
    return Reading(best, points, long, scores)


def applies(rule: Rule, sentences: Iterable[set[str]]) -> bool:
    """Whether a rule's concepts occur, within one sentence where the rule asks for it."""
    places = list(sentences)
    everywhere = set().union(*places)
    if everywhere & set(rule.unless):
        return False
    wanted = set(rule.when)
    return any(wanted <= place for place in places) if rule.near else wanted <= everywhere
