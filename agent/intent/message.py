"""A message as tokens in clauses, with the tags of the vocabulary; its numbers wait for a reader to claim them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.intent import vocabulary
from agent.intent.data import word_set
from agent.intent.languages import languages
from agent.intent.names import Name, names
from agent.intent.vocabulary import Tag

SENTENCE_ENDS = frozenset(".;!?\n")
CLAUSE_ENDS = SENTENCE_ENDS | {",", "(", ")", "--"}
CONJUNCTIONS = word_set("conjunctions")
EXCEPTING = word_set("excepting")
"""Before "but" an exception follows and no clause of its own."""
PIECE = re.compile(
    r"(?P<name>\x00\d+\x00)|(?P<number>(?<![\w.])-\d+(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<word>[a-z]+\d+(?:\.\d+)?[a-z\d]*|[a-z]+n't|[a-z]+\+\+|c#|[a-z]+)|(?P<other><=|>=|->|--|\n|[^\s'\w])"
)


@dataclass(frozen=True)
class Token:
    """A word, a number or a mark; `value` of a number; `name` of a GPU or a model."""

    text: str
    clause: int
    sentence: int
    value: float | None = None
    name: Name | None = None


@dataclass
class Message:
    """Tokens and tags; readers claim numbers so that no number is read twice."""

    text: str
    tokens: list[Token]
    tags: list[Tag]
    claimed: set[int] = field(default_factory=set)
    set_aside: set[int] = field(default_factory=set)
    """Claimed numbers that no field holds: they are named as not used."""
    by_label: dict[str, list[Tag]] = field(default_factory=dict)
    """The tags of the labels that were asked for: a long message has thousands, and is asked as often."""
    starts: dict[str, dict[int, Tag]] = field(default_factory=dict)
    """The longest tag that begins at a place, by label, once it was asked for."""
    borders: dict[str, dict[int, tuple[int, int]]] = field(default_factory=dict)
    """First place and end of each clause and of each sentence, once they were asked for."""

    @classmethod
    def of(cls, text: str, spoken_before: str | None = None) -> "Message":
        """Of a plain text (see `text.plain`); the language of earlier messages helps with short ones."""
        spoken = languages(text, spoken_before)
        tokens = tokenised(text, spoken)
        return cls(text, tokens, vocabulary.tags([token.text for token in tokens], spoken))

    def numbers(self) -> Iterator[tuple[int, float]]:
        """Numbers that nobody claimed, in order: place and value."""
        for at, token in enumerate(self.tokens):
            if token.value is not None and at not in self.claimed:
                yield at, token.value

    def take(self, *places: int) -> None:
        """Claim numbers for a field."""
        self.claimed.update(places)
        self.set_aside.difference_update(places)

    def leave(self, *places: int) -> None:
        """Claim numbers that say something which no field holds."""
        self.set_aside.update(set(places) - self.claimed)
        self.claimed.update(places)

    def labels(self) -> set[str]:
        """All labels found."""
        return {tag.label for tag in self.tags}

    def tagged(self, label: str) -> list[Tag]:
        """Tags of a label, or of all labels under it ("unit" means "unit.ms" too)."""
        if label not in self.by_label:
            under = f"{label}."
            self.by_label[label] = [t for t in self.tags if t.label == label or t.label.startswith(under)]
        return self.by_label[label]

    def at(self, place: int, label: str) -> Tag | None:
        """The longest tag of a label that begins at a place."""
        if label not in self.starts:
            longest: dict[int, Tag] = {}
            for tag in self.tagged(label):
                if tag.start not in longest or tag.end > longest[tag.start].end:
                    longest[tag.start] = tag
            self.starts[label] = longest
        return self.starts[label].get(place)

    def before(self, place: int, label: str) -> Tag | None:
        """The tag of a label that ends right before a place."""
        return next((tag for tag in self.tagged(label) if tag.end == place), None)

    def clause(self, place: int) -> tuple[int, int]:
        """First place and end of the clause that holds a place."""
        return self.span(place, "clause")

    def sentence(self, place: int) -> tuple[int, int]:
        """First place and end of the sentence that holds a place."""
        return self.span(place, "sentence")

    def span(self, place: int, kind: str) -> tuple[int, int]:
        """Neighbours of the same clause or sentence."""
        if kind not in self.borders:
            ends: dict[int, tuple[int, int]] = {}
            for at, token in enumerate(self.tokens):
                own = getattr(token, kind)
                ends[own] = (ends.get(own, (at, at))[0], at + 1)
            self.borders[kind] = ends
        return self.borders[kind][getattr(self.tokens[place], kind)]

    def within(self, label: str, start: int, end: int) -> list[Tag]:
        """Tags of a label that lie between two places."""
        return [tag for tag in self.tagged(label) if tag.start >= start and tag.end <= end]

    def negations(self, start: int, end: int) -> list[Tag]:
        """Words such as "no" and "without" between two places; not those that rule out what stands before them."""
        return [tag for tag in self.within("neg", start, end) if tag.label == "neg"]

    def words(self, start: int, end: int) -> list[str]:
        """The texts of some tokens."""
        return [token.text for token in self.tokens[max(0, start) : end]]


def tokenised(text: str, spoken: tuple[str, ...]) -> list[Token]:
    """Tokens in clauses and sentences; GPUs and models are single tokens, so that no digit of theirs is a number."""
    found = names(text)
    for number in range(len(found) - 1, -1, -1):
        text = f"{text[: found[number].start]} \x00{number}\x00 {text[found[number].end :]}"
    text = re.sub(r"(?m)^\s*(?:[-*•+]|\d+[.)])\s+", "\n ", text)
    text = re.sub(r"\s-+\s|\s--+", " -- ", text)
    tokens: list[Token] = []
    clause = sentence = 0
    for match in PIECE.finditer(text):
        piece = match[0]
        if match["name"]:
            tokens.append(Token("\x00", clause, sentence, name=found[int(piece.strip("\x00"))]))
        elif match["number"]:
            tokens.append(Token(piece, clause, sentence, value=float(piece)))
        elif piece == "-" and not re.fullmatch(r"\d-\d", text[max(0, match.start() - 1) : match.end() + 1]):
            continue
        else:
            word = vocabulary.mended(piece, spoken) if match["word"] else piece
            clause += piece in CONJUNCTIONS and not (tokens and tokens[-1].text in EXCEPTING)
            tokens.append(Token(word, clause, sentence))
            clause += piece in CLAUSE_ENDS
            sentence += piece in SENTENCE_ENDS
    return tokens
