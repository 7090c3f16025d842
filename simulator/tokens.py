"""A tokenizer without a vocabulary: short pieces of text, whose ids are their bytes.

English gives about 1.3 tokens a word, close to the tokenizers of real models. It is its own inverse, needs
no files, and the ids (at most 48 bits) survive JSON in every language.
"""

import re
from collections.abc import Iterable

MAX_BYTES = 6
PIECE = re.compile(r" ?\w{1,5}|\s|[^\w\s]")


def pieces(text: str) -> list[str]:
    """The text cut into tokens; joined they are the text again."""
    found = PIECE.findall(text)
    if text.isascii():
        return found
    return [short for piece in found for short in split(piece)]


def split(piece: str) -> list[str]:
    """A piece cut between characters so that each part has at most six bytes of UTF-8."""
    parts = [""]
    for character in piece:
        if len((parts[-1] + character).encode("utf-8", "surrogatepass")) > MAX_BYTES:
            parts.append("")
        parts[-1] += character
    return parts


def count(text: str) -> int:
    """Tokens of the text."""
    return len(pieces(text))


def encode(text: str) -> list[int]:
    """Token ids of the text."""
    return [int.from_bytes(piece.encode("utf-8", "surrogatepass"), "big") for piece in pieces(text)]


def decode(ids: Iterable[int]) -> str:
    """The text of token ids; ids that no text gave become replacement characters."""
    return "".join(as_bytes(number).decode("utf-8", "replace") for number in ids)


def as_bytes(number: int) -> bytes:
    """The bytes behind an id."""
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
