"""How many tokens a text takes, without a tokenizer, and results that stay below a number of them.

Small models take each digit as a token, so that "four characters a token" is wrong by a factor of two for
tables of figures. On what Compass sends (instructions, tool schemas, tool results, six languages) this counts
between 0.97 and 1.25 of what Qwen 2.5's own tokenizer does.
"""

import re
from collections.abc import Sequence

MOST = 1_450
"""Of a tool's result: a small model's context holds several of them beside tools and answer."""
PIECE = re.compile(r"\d|[^\W\d_]+|[^\w\s]+|_|\n+")
LETTERS_A_TOKEN = 6
OTHER_LETTERS_A_TOKEN = 2
"""Outside of ASCII: accents split words, and Chinese takes a token for one or two characters."""
SIGNS_A_TOKEN = 2


def tokens(text: str) -> int:
    """Tokens of a text, about."""
    return sum(of_piece(match[0]) for match in PIECE.finditer(text))


def of_piece(piece: str) -> int:
    """Tokens of a digit, a word, a run of signs or of line ends."""
    if piece.isalpha():
        return -(-len(piece) // (LETTERS_A_TOKEN if piece.isascii() else OTHER_LETTERS_A_TOKEN))
    if piece.isdigit() or piece.isspace() or piece == "_":
        return 1
    return -(-len(piece) // SIGNS_A_TOKEN)


def cut(text: str, most: int) -> str:
    """The text with its middle left out where it takes more than so many tokens."""
    total = tokens(text)
    if total <= most:
        return text
    share = max(1, int(len(text) * most / total) - 20) // 2
    while tokens(short := ends_of(text, share)) > most and share > 1:
        share = share * 9 // 10
    return short


def ends_of(text: str, share: int) -> str:
    """So many characters from either end of a text."""
    return f"{text[:share]}\n[… {len(text) - 2 * share:,} characters left out …]\n{text[-share:]}"


def brief_of(lines: Sequence[str], rest: str) -> str:
    """The lines, most important first, as far as they stay brief; `rest` says where the others are."""
    room, kept = MOST - tokens(rest) - 10, list[str]()
    for number, line in enumerate(lines):
        room -= tokens(line) + 1
        if room < 0:
            return "\n".join([*kept, f"… {len(lines) - number} lines left out: {rest}"])
        kept.append(line)
    return "\n".join(kept)
