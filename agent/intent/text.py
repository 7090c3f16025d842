"""A message as plain text: lower case, no accents, one way to write a number, nothing that is not the user's word."""

import functools
import re
import unicodedata

from agent.intent.chinese import in_english
from agent.intent.numerals import as_digits, written
from agent.intent.shapes import spaced
from agent.intent.vocabulary import without_accents

LONGEST = 20_000
PLAIN = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": " - ", "\u00a0": " ", "\u202f": " ", "ß": "ss", "æ": "ae", "œ": "oe",
     "→": "->", "≤": "<=", "≥": ">=", "×": "x", "…": ". ", "\u2044": "/"}
)  # fmt: skip
GENDERED = re.compile(
    r"(?<=[^\W\d_])(?:[:*_]|/-?)innen\b|(?<=[^\W\d_])·(?:e|ne|trice|se)(?:·s)?\b|(?<=[^\W\d_])/(?:as?|os?|e|i)\b"
)
PHONE = re.compile(r"\+\d{1,3}[ \d()/-]{7,}\d|\b0\d{2,4}[ /-]\d{3,}[ \d-]*")
"""Telephone numbers count nothing."""
LINK = re.compile(r"\b(?:https?://|www\.)\S+|\S+@\S+\.\w+")
CLOSING = re.compile(
    r"(?:(?:best|kind|warm) regards|regards|cheers|thanks|many thanks|thank you|thx|best|sincerely|yours \w+|mit \w+ grussen|viele grusse|beste grusse|"
    r"gruss|grusse|danke|cordialement|bien a vous|merci|(?:un )?saludos?(?: cordial\w*)?|atentamente|gracias|(?:cordiali|distinti) saluti|saluti|grazie|"
    r"atenciosamente|(?:com os )?(?:melhores )?cumprimentos|obrigad[oa]|abracos)(?: (?:in advance|everyone|all|im voraus|d'avance))?[,.! ]*"
)
ABBREVIATED = re.compile(
    r"\b(max|min|ca|approx|env|aprox|circa|bzw|inkl|incl|est|avg|abs|nr|no(?=\. ?\d)|dr|mr|mrs|prof|vs|ggf|evtl|usw|mind|spat|hochst|máx|mín|pag|pág|p|e\.g|i\.e|z\. ?b|d\. ?h|p\. ?ej|p\. ?ex|sek|sec|std|mio|mrd|tok|pers|wg|zzgl|exkl|excl|dept|abt)\.(?=[ ,]?[\w~])"
)
"""A full stop that ends no sentence."""
CAPITAL_M = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d+)?) ?M(?![\w-])")
"""Lower-case "m" may be minutes or metres."""
POWER_OF_TEN = re.compile(r"(?<![\w.-])10\^(\d{1,2})(?!\w)")
EXPONENT = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?e\+?\d{1,2}(?!\w)")
COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
IS = re.compile(r"\b[èé]\b")
"""Italian and Portuguese "is", before its accent is lost and it reads "and"."""
PRETENDED = re.compile(
    r"<\s*(system|assistant|admin|tool|developer)\b[^>]*>.*?(?:<\s*/\s*\1\s*>|$)|\[\s*(?:system|admin|inst)\s*\].*?(?:\[\s*/\s*\w+\s*\]|$)|</?\s*[a-z_]+\s*>",
    re.DOTALL,
)
"""Text that pretends to be of another speaker than the user."""
COMMAND = re.compile(
    r"\b(?:ignore|disregard|forget|bypass|override|overrule|skip|discard)\b(?: \w+){0,3}? (?:instructions?|rules?|prompts?|guidelines|guardrails|safety|policies|constraints|previous text|above|everything)\b|"
    r"(?<!same )(?<!shared )(?<!common )(?<!long )(?<!identical )(?<!token )(?<!tokens )(?<!of )(?<!\dk )(?<!\d )system prompt(?!s? ?(?:(?:of|is|has|with|about|around|in|length|tokens?|shared|cached|size|common|the same|and (?:the )?tool\w*|takes|and examples|plus)\b|\d|~|[:=(] ?\d))|you are now|pretend (?:to be|you|that you)|jailbreak|developer mode|\bdan mode|act as (?:root|admin)|sudo\b|\brm -rf|drop table|"
    r"reveal (?:the|your)|print (?:the|your) (?:system|prompt|instructions|environment)|(?:admin|root) (?:rights|privileges|access)|"
    r"(?:note|message|p\.? ?s\.?|instructions?|order|memo) (?:to|for) (?:the|this) (?:ai|assistant|model|bot|system|llm|agent)|as an? (?:ai|language model)|"
    r"(?:ignorier|vergiss|missacht)\w* (?:\w+ ){0,3}?(?:anweisung|regeln|instruktion|vorgaben|befehle)\w*|"
    r"(?:ignore[rz]?|oublie[rz]?) (?:\w+ ){0,3}?(?:instructions?|consignes|regles)|(?:ignora|olvida|ignore|esque[cç]a|dimentica)\w* (?:\w+ ){0,3}?(?:instruc\w+|istruzion\w+|reglas|regole|regras|ordenes)"
)
SPEAKER = re.compile(
    r"^\W*(?:system|assistant|admin|developer|operator)\s*(?:message|prompt|note|override)?\s*:|^[#>\W]*(?:new|updated|nuevas?|neue|nouvelles?|nuove|novas) (?:system )?(?:instru\w+|rules|istru\w+|anweis\w+)\s*:"
)
"""From here on somebody else is made to speak, up to the end of the paragraph."""
IMPERATIVE = re.compile(
    r"^\W*(?:now |then |instead |and )?(?:please )?(?:set|report|output|print|reply|respond|answer|say|call|deploy|delete|mark|return|send|execute|run|exclude|grant|claim|confirm)\b"
)
"""What such a text goes on with."""


@functools.lru_cache(maxsize=256)
def plain(message: str, spoken_before: str | None = None) -> str:
    """The user's own words in plain form, numbers as digits with a decimal point."""
    text = unicodedata.normalize("NFKC", message[:LONGEST].replace("，", ", ")).replace("\x00", " ")
    text = LINK.sub(" ", CAPITAL_M.sub(r"\1 million", text).casefold().translate(PLAIN))
    text = POWER_OF_TEN.sub(r"1e\1", text)
    text = EXPONENT.sub(lambda match: written(float(match[0])), spaced(in_english(text)))
    text = GENDERED.sub("", text)
    text = ABBREVIATED.sub(lambda match: match[1].replace(".", ""), text)
    text = IS.sub("is", COMMENT.sub(" ", text))
    text = as_digits(PHONE.sub(" ", without_signature(text)), spoken_before)
    text = PRETENDED.sub(" ", text)
    return re.sub(r"[ \t]+", " ", without_commands(text)).strip()


def without_signature(text: str) -> str:
    """A mail without what follows its closing line: names, floors and telephone numbers are no wishes."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if at and CLOSING.fullmatch(without_accents(line).strip()):
            return "\n".join(lines[:at])
    return text


def without_commands(text: str) -> str:
    """The text without the sentences that try to command the system, and what hangs on them."""
    kept: list[str] = []
    for paragraph in text.split("\n"):
        commanding = False
        for sentence in re.split(r"(?<=[.!?])\s+|\s+(?=#{2,})", paragraph):
            if SPEAKER.search(sentence):
                break
            commanding = bool(COMMAND.search(sentence)) or (commanding and bool(IMPERATIVE.search(sentence)))
            if not commanding:
                kept.append(sentence)
        kept.append("\n")
    return " ".join(kept)
