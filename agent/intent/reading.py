"""A message as plain text: no accents, no number words, one way to write a number."""

import functools
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from text_to_num import alpha2digit

DATA = Path(__file__).parent / "data"
LONGEST = 20_000

# Multipliers that follow digits: "5k", "2 million", "3 mil".
MULTIPLIERS = {
    r"k|thousand|tausend|tsd\.?|grand|mille|mila|mil": 1_000,
    r"mn|mio\.?|million(?:s|en)?|millones?|milion[ei]|milhoes|milhao|mln": 1_000_000,
    r"lakhs?": 100_000,
}
DURATION = (
    "(?<=in )|(?<=within )|(?<=under )|(?<=below )|(?<=than )|(?<=about )|(?<=of )|(?<=after )|(?<=over )|(?<=inside )|(?<=max )|"
    "(?<=unter )|(?<=innerhalb )|(?<=nach )|(?<=als )|(?<=dans )|(?<=en )|(?<=moins d')|(?<=de )|(?<=entro )|(?<=di )|(?<=em )|(?<=que )"
)
PHRASES = (
    (r"\bhalf a million\b|\beine halbe million\b|\bmedio millon(?: de)?\b|\bun demi-million\b", " 500000 "),
    (
        r"\ba million\b|\bun millon(?: de)?\b|\bun million(?: de)?\b|\beine million\b",
        " 1000000 ",
    ),
    (r"\b(?:one|a single|a) page\b", " 1 page "),
    (r"\bhalf a page\b", " 250 tokens "),
    (r"\bhalf a thousand\b", " 500 "),
    (r"\ba (?:couple of|few) hundred\b", " 200 "),
    (r"\ba (?:couple of|few) thousand\b", " 2000 "),
    (r"\ba thousand\b(?! and)", " 1000 "),
    (r"\ba hundred\b(?! and| thousand)", " 100 "),
    (r"\btwo dozen\b|\b2 dozen\b", " 24 "),
    (
        r"\b(?:a |one )?dozen\b|\b(?:ein )?dutzend\b|\b(?:une )?douzaine(?: de| d')?\b|\b(?:una )?docena(?: de)?\b",
        " 12 ",
    ),
    (r"\b(?:una )?dozzina(?: di)?\b|\b(?:uma )?duzia(?: de)?\b", " 12 "),
    (
        r"\bhalf a second\b|\beiner? halben? sekunde\b|\bune demi-seconde\b|\bmedio segundo\b|\bmeio segundo\b",
        " 500 ms ",
    ),
    (
        r"\bmezzo secondo\b|\bhalf second\b|\bhalben sekunde\b|\bdemi-seconde\b|\bune demi seconde\b",
        " 500 ms ",
    ),
    (r"\b(?:a|one) quarter (?:of a )?second\b|\bviertelsekunde\b", " 250 ms "),
    (
        r"\bone and a half seconds?\b|\beineinhalb sekunden\b|\banderthalb sekunden\b|\bun segundo y medio\b",
        " 1500 ms ",
    ),
    (
        # "5 requests a second" is a rate: only a preposition before it makes "a second" a duration.
        rf"\b(?:one|one single|einer|(?:{DURATION})(?:a|eine|une|un|uno|una|uma|um)) (?:second|sekunde|seconde|segundo|secondo)\b",
        " 1 s ",
    ),
    (rf"\b(?:one|einer|(?:{DURATION})(?:a|eine|une|un|uno|um)) (?:minute|minuto)\b", " 1 min "),
)
SMALL = {
    "en": {"two": "2", "three": "3"},
    "de": {"zwei": "2", "drei": "3"},
    "fr": {"deux": "2", "trois": "3"},
    "es": {"dos": "2", "tres": "3"},
    "it": {"due": "2", "tre": "3"},
    "pt": {"dois": "2", "duas": "2", "tres": "3"},
}
COMMAND = re.compile(
    r"ignore (?:all |any )?(?:previous|prior|above|earlier|your)|disregard (?:all|any|previous|your|the)|"
    r"system prompt|you are now|pretend (?:to be|you)|jailbreak|developer mode|act as (?:root|admin)|"
    r"^system ?:|^\W*assistant ?:|override (?:the|all|your)|forget (?:all|everything) (?:previous|prior|above|you)|"
    r"reveal (?:the|your)|print (?:the|your) (?:system|prompt|instructions)|ignoriere (?:alle|deine)|ignore toutes|ignora (?:todas|tutte|las|le)|new instructions:"
)

PRETENDED = re.compile(
    r"<\s*(system|assistant|admin|tool)\b[^>]*>.*?(?:<\s*/\s*\1\s*>|$)|</?\s*[a-z_]+\s*>", re.DOTALL
)
"""Text that pretends to be of another speaker than the user."""


@functools.cache
def words(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    content: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def without_accents(text: str) -> str:
    """Lower case, without accents, with plain quotes and dashes."""
    text = text.casefold().replace("ß", "ss").replace("æ", "ae")
    for fancy, plain in (
        ("’", "'"),
        ("‘", "'"),
        ("“", '"'),
        ("”", '"'),
        ("–", "-"),
        ("—", " - "),
        ("\u00a0", " "),
    ):
        text = text.replace(fancy, plain)
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def language(text: str) -> str:
    """The most likely of the six languages, English when nothing tells."""
    found = set(re.findall(r"[a-z']+", text))
    counts = Counter({name: len(found & set(known)) for name, known in words("words")["languages"].items()})
    best, count = counts.most_common(1)[0]
    return "en" if count == counts["en"] else best


def read(message: str) -> str:
    """The message in plain form, numbers as digits with a decimal point, commands to the system left out."""
    text = unicodedata.normalize("NFKC", message[:LONGEST]).casefold().replace("\x00", " ")
    spoken = language(without_accents(text))
    text = multiplied(grouped(without_accents_keeping_words(text), spoken))
    text = "\n".join(digits(line, spoken) for line in text.split("\n"))
    text = without_accents(text)
    text = multiplied(text)
    text = PRETENDED.sub(" ", text)
    kept = [part for part in re.split(r"(?<=[.!?\n])\s+", text) if not COMMAND.search(part)]
    return re.sub(r"[ \t]+", " ", " ".join(kept)).strip()


def without_accents_keeping_words(text: str) -> str:
    """Phrases that number words hide in, before the library reads the words ("half a million", "a dozen")."""
    plain = without_accents(text)
    for pattern, digits_of in PHRASES:
        for found in reversed(list(re.finditer(pattern, plain))):
            # Casefolding and decomposition keep the length of everything but ligatures.
            if len(plain) == len(text):
                text = text[: found.start()] + digits_of + text[found.end() :]
            else:
                text = plain[: found.start()] + digits_of + plain[found.end() :]
            plain = without_accents(text)
    return text


def digits(line: str, spoken: str) -> str:
    """Number words as digits, by the library for the language; a line without words stays."""
    if not re.search(r"[a-zäöüßéèàçñ]", line):
        return line
    # The library leaves two and three alone, since they may be parts of speech.
    for word, digit in SMALL.get(spoken, {}).items():
        line = re.sub(
            rf"\b{word}\b(?! (?:hundred|thousand|million|dozen|hundert|tausend|cent|mille))", digit, line
        )
    # It reads "point" and joins what a comma parts; and it must not touch what is digits already.
    parts = re.split(r"(\d[\d.]*)", line)
    return "".join(
        part if at % 2 else (alpha2digit(part, spoken) if part.strip() else part)
        for at, part in enumerate(parts)
    )


def grouped(text: str, spoken: str) -> str:
    """Thousands groups joined, decimal commas as points, units parted from their numbers."""
    text = re.sub(r"(?<![\d.,])0[.,](\d+)", r"0.\1", text)
    text = re.sub(
        r"(?<![\d.])([1-9]\d{0,2})((?:,\d{3})+)(?![\d])", lambda m: m[1] + m[2].replace(",", ""), text
    )
    text = re.sub(
        r"(?<![\d.])([1-9]\d{0,2})((?:['\u2019\u202f]\d{3})+)(?!\d)",
        lambda m: m[1] + re.sub(r"\D", "", m[2]),
        text,
    )
    text = re.sub(
        r"(?<![\d.])([1-9]\d{0,2})((?: \d{3})+)(?![\d.])", lambda m: m[1] + m[2].replace(" ", ""), text
    )
    text = re.sub(
        r"(?<![\d.])([1-9]\d{0,2})((?:\.\d{3})+)(?![\d.])", lambda m: m[1] + m[2].replace(".", ""), text
    )
    text = re.sub(r"(\d),(\d{1,2})(?!\d)", r"\1.\2", text)
    # "300ms", "5kusers": the unit apart, but never inside names such as h100 or 8b.
    units = r"(ms|millis|sec|secs|seconds?|sek|s|tokens?|tok|users?|people|devs?|rps|qps|k|m|min)"
    text = re.sub(rf"(?<![a-z\d.-])(\d+(?:\.\d+)?){units}(?![a-z])", r"\1 \2", text)
    return re.sub(r"(?<![a-z\d.-])(\d+(?:\.\d+)?) ?k(users|people|devs|tokens|requests|\$)", r"\1 k \2", text)


def multiplied(text: str) -> str:
    """Read "5 k" and "2 million" as digits; a lone m only before what is counted."""
    for pattern, factor in MULTIPLIERS.items():
        numbers = re.compile(rf"(?<![a-z\d.-])(\d+(?:\.\d+)?)[ -]?(?:{pattern})(?![a-z])")
        text = numbers.sub(functools.partial(times, factor), text)
    counted = (
        r"(?=users?\b|people|requests?|calls|queries|tokens?\b|customers|nutzer|usuarios|utenti|utilisateurs)"
    )
    return re.sub(
        rf"(?<![a-z\d.-])(\d+(?:\.\d+)?) ?m {counted}", lambda m: written(float(m[1]) * 1e6) + " ", text
    )


def times(factor: int, match: re.Match[str]) -> str:
    """A matched number, multiplied."""
    return written(float(match[1]) * factor)


def written(value: float) -> str:
    """A number without an exponent or an empty fraction."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
