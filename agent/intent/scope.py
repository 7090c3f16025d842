"""How far a negation reaches: over the noun phrase that it governs.

A preposition begins a new phrase ("without quantization on L40S" wants L40S), unless what stands before it is
ruled out with everything that hangs on it: a verb of use, a pronoun, a word for hardware ("don't run it on
H100", "nothing on H100", "no cards from AMD").
"""

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.vocabulary import Tag

PREPOSITIONS = word_set("new_phrase")
GOVERNED = word_set("governed")
AUXILIARIES = frozenset(("is", "are", "was", "were", "been", "get", "gets", "got"))


def reaches(message: Message, negation: Tag, place: int) -> bool:
    """Whether a negation that stands before a place governs what is there."""
    if passive(message, negation):
        return False
    own = 0
    for at in range(negation.end, place):
        token = message.tokens[at]
        if token.text == ":" and own and message.tokens[at - 1].name is None:
            return False  # "no rush: gpt-oss-20b for …"
        if token.text in PREPOSITIONS and own:
            return False
        own += token.name is not None or (token.text.isalpha() and not governed(token.text))
    return True


def passive(message: Message, negation: Tag) -> bool:
    """Read "is refused for …", "was banned on …": what stands before it is ruled out."""
    word = message.tokens[negation.end - 1].text
    return word.endswith(("ed", "en")) and bool(
        AUXILIARIES & set(message.words(negation.start - 1, negation.start))
    )


def governed(word: str) -> bool:
    """Whether a word is only what carries a negation on, or begins the phrase."""
    return word in GOVERNED or word in PREPOSITIONS


def negated(message: Message, place: int, far: int) -> bool:
    """Whether something is ruled out by a negation before it in its clause."""
    start = max(message.clause(place)[0], place - far)
    before = message.negations(start, place)
    return bool(before) and reaches(message, before[-1], place)
