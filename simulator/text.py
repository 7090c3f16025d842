"""What the simulator answers: plain sentences about itself, the same for the same seed and prompt."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from zlib import crc32

from simulator.tokens import pieces

OPENING = "This text comes from a simulator, not from a language model."
SENTENCES = (
    "Only its timing has a meaning.",
    "Each word arrives when the planned engine would have sent it.",
    "The pace follows a latency profile of model and hardware.",
    "No weights were loaded and no GPU is in use.",
    "Requests wait in a queue, share steps and fill a cache as they would in the real server.",
    "The content says nothing about the quality of any model.",
    "Deploy the same plan on a cluster to hear the model itself.",
    "These sentences repeat until the asked number of tokens is reached.",
)
FIRST = tuple(pieces(OPENING))
OTHERS = tuple(tuple(pieces(" " + sentence)) for sentence in SENTENCES)
AS_JSON = {piece: json.dumps(piece).encode() for piece in chain(FIRST, *OTHERS)}


def answer(seed: int, prompt: str) -> Iterator[str]:
    """An endless stream of tokens: the opening sentence, then the others in an order drawn from the seed."""
    yield from FIRST
    draw = random.Random(f"{seed}/{crc32(prompt.encode('utf-8', 'surrogatepass'))}")
    while True:
        for sentence in draw.sample(OTHERS, len(OTHERS)):
            yield from sentence


@dataclass(frozen=True)
class Ending:
    """How an answer with stop strings goes: the text of each token, and the string that ended it."""

    deltas: tuple[str, ...]
    stop: str | None


def with_stops(
    tokens: Iterator[str], limit: int, stops: Sequence[str], min_tokens: int, keep: bool
) -> Ending:
    """Cut the stream at the first stop string after `min_tokens`.

    As vLLM does: text that may become a stop string is held back until it is decided, the stop string itself
    is left out unless `keep`.
    """
    held = max(len(stop) for stop in stops) - 1
    text, sent, deltas = "", 0, list[str]()
    for number, token in enumerate(islice(tokens, limit), start=1):
        before = len(text)
        text += token
        hit = first_stop(text, max(0, before - held), stops) if number > min_tokens else None
        if hit is not None:
            position, stop = hit
            return Ending((*deltas, text[sent : position + len(stop) * keep]), stop)
        upto = len(text) if number == limit else max(sent, len(text) - held)
        deltas.append(text[sent:upto])
        sent = upto
    return Ending(tuple(deltas), None)


def first_stop(text: str, start: int, stops: Sequence[str]) -> tuple[int, str] | None:
    """Position and value of the stop string that comes first at or after `start`."""
    found = [(position, stop) for stop in stops if (position := text.find(stop, start)) >= 0]
    return min(found, default=None)
