"""What a message wants beside its numbers: use case, class, priorities, domain, availability."""

import functools
import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from agent.intent.reading import words
from agent.types import ExperienceClassName, UseCaseName
from tools.planning.types import Priority

AVAILABILITY = (
    r"high(?:ly)?[ -]availab|\bha setup\b|\bin ha\b|redundan|fail-?over|fault[ -]toleran|single point of failure|\bn ?\+ ?1\b|surviv\w* (?:a |an |the |one |any )?"
    r"(?:\w+ )?(?:gpu|node|replica|machine|server|failure|outage|crash|loss|zone)|(?:gpu|node|replica|machine|server) (?:can |may |could |might )?(?:fail|die|crash|go down|goes down|dies|fails|crashes)|"
    r"ausfallsicher|hochverfugbar|ausfall|haute disponibilite|tolerance aux pannes|panne|alta disponibilidad|toleran\w+ a fallos|fallo de|alta disponibilita|ridondan|"
    r"guasto|alta disponibilidade|redondan|falha|spare replica|extra replica|hot standby|\bspare\b|business continuity|must not go down|zero downtime|no downtime|replica libre"
)
NOT_AVAILABLE = r"(?:no|without|not|don't need|kein\w*|ohne|sans|sin|senza|sem) (?:need for |need |any |high )?(?:redundan|availab|fail-?over|ausfall|n ?\+ ?1|ha\b|spare)"
DIMENSIONS = {
    "accuracy": r"(?:answer |output |model )?(?:quality|accuracy|correctness|precision|qualitat|genauigkeit|qualite|precision|calidad|qualita|qualidade|precisione|precisao)",
    "latency": r"(?:speed|latency|response time|fast(?:er)?|quickness|geschwindigkeit|schnelligkeit|latenz|vitesse|rapidite|latence|velocidad|rapidez|latencia|velocita|latenza|velocidade)",
    "cost": r"(?:costs?|price|cheap(?:ness)?|budget|money|spend(?:ing)?|kosten|preis|geld|couts?|prix|costos?|costes?|precio|dinero|costi|prezzo|custos?|preco)",
}
ABOVE = (
    r"(?: \w+){0,2}? (?:(?:is |are |ist |sind |est |es |e |matters? |counts? |importe |importa |conta |zahlt |beats |trumps |outweighs )?"
    r"(?:far |much |way |clearly |viel |bien |mucho |molto |muito )?(?:more|wichtiger|plus|mas|piu|mais|before|over|above|ahead|vor|avant|antes|prima|sobre|por encima|davanti|acima|beats|trumps|outweighs|rather)"
    r"(?: \w+){0,3}?) "
)


@functools.cache
def use_case_words() -> dict[str, list[tuple[int, re.Pattern[str], str]]]:
    """Use case → (weight, pattern, stem) of each of its words."""
    table: dict[str, list[tuple[int, re.Pattern[str], str]]] = {}
    for name, weights in words("use_cases").items():
        table[name] = [
            (
                int(weight),
                re.compile(
                    rf"\b{re.escape(stem.lstrip('='))}{chr(92) + 'b' if stem.startswith('=') else ''}"
                ),
                stem.lstrip("="),
            )
            for weight, stems in weights.items()
            for stem in stems
        ]
    return table


def use_case_scores(text: str) -> dict[str, int]:
    """Points of each use case; one word counts once, and not inside a longer word that counted."""
    scores: dict[str, int] = {}
    for name, entries in use_case_words().items():
        spans: list[tuple[int, int]] = []
        total = 0
        for weight, pattern, _ in sorted(entries, key=lambda entry: (-entry[0], -len(entry[2]))):
            match = pattern.search(text)
            if match and all(match.end() <= start or match.start() >= end for start, end in spans):
                spans.append(match.span())
                total += weight
        if total:
            scores[name] = total
    return scores


def use_case(text: str) -> tuple[UseCaseName | None, int]:
    """The use case that the words point to, with its points; None where nothing points anywhere."""
    scores = use_case_scores(text) or (use_case_scores(mended(text)) if text.strip() else {})
    summarises = scores.get("summarization_short", 0) >= 6
    if summarises:
        # A summary of something long is the long use case; of anything else the short one.
        if scores.get("long_document_summarization", 0) >= 3:
            return "long_document_summarization", 9
        scores.pop("long_document_summarization", None)
        if scores.get("research_legal_analysis", 0) < 9 and scores.get("document_analysis_rag", 0) < 9:
            scores["summarization_short"] += 3
    else:
        scores.pop("long_document_summarization", None)
    if scores.get("code_completion", 0) >= 6:
        scores["code_completion"] += 3
    if scores.get("translation", 0) >= 6:
        # Whatever is translated, for whomever: "translate contracts for lawyers" is translation.
        scores["translation"] += 8
    if not scores:
        return None, 0
    best = max(scores, key=lambda name: scores[name])
    return best, scores[best]  # type: ignore[return-value]  # the data file's keys are the nine names


def mended(text: str) -> str:
    """The text with words that are nearly a telling word replaced by it: "custmer suport" reads as meant."""
    stems = [stem for entries in use_case_words().values() for _, _, stem in entries if len(stem) >= 6]
    singles = [stem for stem in stems if " " not in stem]
    pieces = text.split(" ")
    for at, word in enumerate(pieces):
        if len(word) >= 6 and word.isalpha():
            close = max(singles, key=lambda stem: likeness(word, stem))
            if likeness(word, close) >= 82:
                pieces[at] = close
    joined = " ".join(pieces)
    phrases = [stem for stem in stems if " " in stem]
    return joined + " " + " ".join(phrase for phrase in phrases if fuzz.partial_ratio(phrase, joined) >= 92)


def likeness(word: str, stem: str) -> float:
    """How near the beginning of a word is to a stem, 0 to 100."""
    return max(fuzz.ratio(word[: len(stem) + more], stem) for more in (0, 1))


@functools.cache
def whole_words(phrase: str) -> re.Pattern[str]:
    """A phrase from its first letter on; a leading "=" asks for its last letter too."""
    end = r"\b" if phrase.startswith("=") else ""
    return re.compile(rf"\b{re.escape(phrase.lstrip('='))}{end}")


def contains(text: str, phrases: Iterable[str]) -> str | None:
    """The longest phrase that the text holds, None without one."""
    found = [phrase for phrase in phrases if whole_words(phrase).search(text)]
    return max(found, key=len, default=None)


def priorities(text: str) -> dict[str, Priority]:
    """Stated priorities only; of two contradicting phrases the longer one, being the more explicit."""
    stated: dict[str, Priority] = {}
    for dimension, levels in words("words")["priorities"].items():
        high, low = contains(text, levels["high"]), contains(text, levels["low"])
        if high and re.search(
            rf"(?:\bnot|\bisn't|\bno|\bneedn't|doesn't (?:have|need) to be|don't need|nicht|pas|no es|non) (?:\w+ ){{0,3}}{re.escape(high)}",
            text,
        ):
            stated[dimension] = "low" if dimension != "cost" else "medium"
        elif high and (not low or len(high) >= len(low)):
            stated[dimension] = "high"
        elif low:
            stated[dimension] = "low"
    return stated | compared(text)


def compared(text: str) -> dict[str, Priority]:
    """Read "quality matters more than speed": the first is high, the second low."""
    found: dict[str, Priority] = {}
    for first, one in DIMENSIONS.items():
        for second, other in DIMENSIONS.items():
            if first != second and re.search(rf"\b{one}\b{ABOVE}(?:\w+ )?{other}\b", text):
                found[first], found[second] = "high", "low"
    return found


def experience_class(text: str) -> ExperienceClassName | None:
    """Only when it is said."""
    for name in ("batch", "instant", "interactive", "deferred", "conversational"):
        if contains(text, words("words")["experience"][name]):
            return name
    return None


def domain(text: str) -> str | None:
    """The trade that the text speaks of, None where it names none."""
    for name, stems in words("words")["domains"].items():
        if contains(text, stems):
            return str(name)
    return None


def availability(text: str) -> str | None:
    """Read "n+1" when a failure must be survived, "none" when that is ruled out."""
    if re.search(NOT_AVAILABLE, text):
        return "none"
    return "n+1" if re.search(AVAILABILITY, text) else None
