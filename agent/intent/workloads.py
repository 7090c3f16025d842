"""Sessions, caches, speculation, degrees and effort: what the phrases of `data/workloads.yaml` say, read before other numbers."""

import functools
import re
from collections.abc import Iterator

from agent.intent.data import load
from agent.intent.message import Message
from agent.intent.quantities import Quantities
from agent.intent.vocabulary import Tag

SECONDS = {"m": 60.0, "h": 3600.0, "s": 1.0, "o": 3600.0}
"""Seconds of a unit by its first letter; "ms" and "milliseconds" apart."""
GIB_OF_TB = 1_000.0
"""Memory is bought in round numbers: "1 TB" holds what is called 1,000 GB."""
PART = re.compile(r"\bof (?:which|them|it|those|these)\b")
"""What tells that the shared tokens are among those of the prompt."""
PART_FAR = 12
"""Characters before a number in which that stands."""
LEAST_TOKENS, LEAST_OWN = 16, 8
ANSWERING = re.compile(
    r"\b(?:answers?|outputs?|repl(?:y|ies)|generat\w*|writes?|responses?|antwort\w*|reponses?)\b"
)
CACHED = re.compile(
    r"\b(?:kv|caches?|lmcache|prefix\w*|ram|dram|memory|host|cpu|(?:\w*speicher)|memoire|memoria)\b"
)
KEPT_KV = {"fp8": "fp8", "int8": "fp8", "bf16": "bf16", "fp16": "bf16"}
"""Types of a KV cache by the format that is said; four bits and others are not planned."""
TURNS = "turns"
"""The label of what tells of turns and of tool results: agents that take turns are programs."""
OF_TURNS = frozenset(("session_turns", "turn_tokens", "host_cache_gib", "routing"))
CASES_ASIDE = ("c.", "reasoning", "role.", "context.", "stop", "domain.", "dim.")
"""Labels of words that tell nothing of a use case, of thinking or of a latency, where they are part of a phrase read here."""
KEEPS_THINKING = frozenset(("first_answer_ms", "reasoning_effort"))


@functools.cache
def patterns(group: str) -> dict[str, tuple[re.Pattern[str], ...]]:
    """The patterns of a group of the data file by field."""
    pieces: dict[str, str] = load("workloads")["pieces"]
    rows = load("workloads")[group]
    rows = rows if isinstance(rows, dict) else {group: rows}
    return {
        name: tuple(
            re.compile(alone)
            for one in ([found] if isinstance(found, str) else found)
            for alone in alternatives(one, pieces)
        )
        for name, found in rows.items()
    }


def alternatives(pattern: str, pieces: dict[str, str]) -> Iterator[str]:
    """The alternatives of a pattern, each with its pieces: a group may have its name only once in an expression."""
    for one in re.split(r"\|(?=\\b)|\|(?=<)", pattern):
        one = one.replace(r"\b{", r"(?<!\S){")
        for name, piece in pieces.items():
            one = one.replace(f"{{{name}}}", piece)
        yield one


class Words:
    """The words of a message as one line, and the place of the word at each offset."""

    def __init__(self, message: Message) -> None:
        """Join the words; names and numbers as their signs."""
        self.message = message
        words = [
            f"<{token.name.kind}>" if token.name else "#" if token.value is not None else token.text
            for token in message.tokens
        ]
        self.text = " ".join(words)
        self.begins: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        offset = 0
        for place, word in enumerate(words):
            self.begins[offset] = place
            offset += len(word)
            self.ends[offset] = place + 1
            offset += 1

    def places(self, match: re.Match[str]) -> tuple[int, int]:
        """The first place and the end of what was found."""
        inside = [place for offset, place in self.begins.items() if match.start() <= offset < match.end()]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)

    def sentence(self, match: re.Match[str]) -> str:
        """The line of the sentence that holds what was found."""
        start, end = self.message.sentence(self.places(match)[0])
        first = next(offset for offset, place in self.begins.items() if place == start)
        last = next(offset for offset, place in self.ends.items() if place == end)
        return self.text[first:last]

    def find(self, group: str, name: str) -> Iterator[re.Match[str]]:
        """What is found of a field, in the order of its patterns; numbers that are taken already are passed over."""
        for pattern in patterns(group)[name]:
            for match in pattern.finditer(self.text):
                at = self.number(match)
                if at is None or at not in self.message.claimed:
                    yield match

    def number(self, match: re.Match[str]) -> int | None:
        """The place of the number of what was found."""
        return self.begins[match.start("n")] if match.groupdict().get("n") else None

    def value(self, match: re.Match[str]) -> float:
        """The number of what was found."""
        at = self.number(match)
        if at is not None:
            return self.message.tokens[at].value or 0.0
        said = match.groupdict()
        return float(said["d"]) if said.get("d") else 0.5 if said.get("half") else 1.0

    def take(self, match: re.Match[str], field: str) -> None:
        """Claim the number, its lower end and its words: they say nothing else."""
        at = self.number(match)
        start, end = self.places(match)
        if at is not None:
            lower = (
                at - 2
                if at > 1 and self.message.words(at - 1, at) in (["-"], ["to"], ["bis"], ["a"])
                else None
            )
            lower = lower if lower is not None and self.message.tokens[lower].value is not None else None
            self.message.take(at, *([lower] if lower is not None else []))
        aside(self.message, start, end, field)


def aside(message: Message, start: int, end: int, field: str) -> None:
    """Drop the labels of words that are part of a phrase, and what was remembered of them."""
    labels = tuple(label for label in CASES_ASIDE if label != "reasoning" or field not in KEEPS_THINKING)
    message.tags = [
        tag
        for tag in message.tags
        if not (start <= tag.start and tag.end <= end and tag.label.startswith(labels))
    ]
    if field in OF_TURNS:
        message.tags.append(Tag(TURNS, start, end))
    message.by_label.clear()
    message.starts.clear()


def read_workloads(message: Message, found: Quantities) -> None:
    """Sessions, caches, speculation, degrees and effort of a message."""
    words = Words(message)
    talk = any(pattern.search(words.text) for pattern in patterns("context")["context"])
    read_durations_of_turns(words, found, talk)
    read_shared_prompt(words, found)
    for name in patterns("numbers"):
        for match in words.find("numbers", name):
            if (value := accepted(words, name, match, talk)) is not None:
                words.take(match, name)
                found.keep(name, value)
                break
    read_choices(words, found)


def accepted(words: Words, name: str, match: re.Match[str], talk: bool) -> float | None:
    """The value of a field that a number says; None where its sentence speaks of something else."""
    value = words.value(match)
    if name == "host_cache_gib":
        return (
            value * (GIB_OF_TB if match["g"].startswith("t") else 1.0)
            if CACHED.search(words.sentence(match))
            else None
        )
    if value != int(value) or (name == "session_turns" and not talk):
        return None
    if name == "turn_tokens":
        place = words.places(match)[0]
        before = " ".join(words.message.words(words.message.clause(place)[0], place))
        return int(value) if value >= LEAST_TOKENS and not ANSWERING.search(before) else None
    return int(value)


def read_durations_of_turns(words: Words, found: Quantities, talk: bool) -> None:
    """The pause between turns, and the time to the first token of an answer after thinking."""
    thinks = patterns("thinking")["thinking"][0]
    answers = [match for match in words.find("durations", "first_answer_ms")]
    answers += [
        match
        for match in words.find("answered_after_thinking", "answered_after_thinking")
        if thinks.search(words.sentence(match))
    ]
    if answers:
        found.keep("first_answer_ms", round(seconds(words, answers[0]) * 1000, 3))
        words.take(answers[0], "first_answer_ms")
    pause = next(words.find("durations", "turn_pause_seconds"), None) if talk else None
    if pause is not None:
        found.keep("turn_pause_seconds", round(seconds(words, pause), 3))
        words.take(pause, "turn_pause_seconds")


def seconds(words: Words, match: re.Match[str]) -> float:
    """Seconds of a duration."""
    unit = match["u"]
    thousandths = unit == "ms" or unit.startswith("milli")
    return words.value(match) * (0.001 if thousandths else SECONDS[unit[0]])


def read_shared_prompt(words: Words, found: Quantities) -> None:
    """The part of prompts that is the same in all, and the length of whole prompts where their own part is said."""
    shared = next((one for one in words.find("shared", "shared") if words.value(one) >= LEAST_TOKENS), None)
    if shared is None:
        return
    found.keep("shared_prompt_tokens", round(words.value(shared)))
    found.shared_is_part = bool(PART.search(words.text[max(0, shared.start() - PART_FAR) : shared.end()]))
    words.take(shared, "shared_prompt_tokens")
    own = next((one for one in words.find("own_part", "own_part") if words.value(one) >= LEAST_OWN), None)
    if own is not None:
        found.own_prompt_tokens = round(words.value(own))
        found.keep("prompt_tokens", found.own_prompt_tokens)
        words.take(own, "prompt_tokens")


def whole_prompt(found: Quantities) -> None:
    """What comes after a shared part: with it the prompt of a single request, or what each turn of a session adds.

    A prompt that is shorter than its shared part is what comes after it.
    """
    shared, prompt = found.shared_prompt_tokens, found.prompt_tokens
    shorter = bool(shared and prompt and prompt < shared and not found.shared_is_part)
    own = found.own_prompt_tokens or (prompt if shorter else None)
    if not shared or own is None:
        return
    if found.session_turns or found.concurrent_sessions:
        # The mean prompt of a session holds its history, and follows from the turns.
        found.prompt_tokens = None
        found.keep("turn_tokens", own)
    else:
        found.prompt_tokens = shared + own


def read_choices(words: Words, found: Quantities) -> None:
    """Speculation, routing, effort, expert parallelism and the type of the KV cache."""
    for name in load("workloads")["choices"]:
        for choice, match in choices(words, name):
            start, end = words.places(match)
            value: str | bool | None = choice == "yes" if name == "expert_parallel" else choice
            if name == "kv_cache":
                value = cache_type(words.message, start, end)
            if value is None:
                words.message.tags.append(Tag("constraint", start, end))  # "KV cache in int4" is not planned
                words.message.by_label.clear()
                continue
            words.message.take(
                *(words.begins[match.start(one)] for one in "xy" if match.groupdict().get(one))
            )
            if name in ("speculation", "routing", "reasoning_effort"):
                aside(words.message, start, end, name)
            found.keep(name, value)
            break
    if found.draft_tokens and found.speculation is None:
        found.speculation = "auto"


def choices(words: Words, name: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The choices of a field that are found, the more special first."""
    for choice, found in choice_patterns(name):
        for pattern in found:
            if match := pattern.search(words.text):
                yield choice, match


@functools.cache
def choice_patterns(name: str) -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
    """The patterns of each choice of a field."""
    rows = load("workloads")["choices"][name]
    return tuple(
        (choice, tuple(re.compile(one) for one in alternatives(text, {}))) for choice, text in rows.items()
    )


def cache_type(message: Message, start: int, end: int) -> str | None:
    """The type of the KV cache by the format among some words."""
    names = [token.name for token in message.tokens[start:end] if token.name and token.name.kind == "format"]
    return next((KEPT_KV[name.precision] for name in names if name.precision in KEPT_KV), None)
