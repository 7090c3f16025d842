"""What a message wants beside numbers, names and priorities: experience class, trade, availability."""

from agent.intent.message import Message
from agent.intent.types import ExperienceClassName

CLASSES: tuple[ExperienceClassName, ...] = ("batch", "instant", "interactive", "deferred", "conversational")
DOMAINS = ("legal", "medical", "finance", "education", "ecommerce")
"""Of equals the first: a lawyer for tax law works in law."""
FAIL_FAR, HALF = 6, 0.5


def experience_class(message: Message) -> ExperienceClassName | None:
    """Only when it is said."""
    for name in CLASSES:
        for tag in message.tagged(f"class.{name}"):
            if message.at(tag.start, "load.setting") or message.words(tag.end, tag.end + 1) in (
                ["size"],
                ["sizes"],
            ):
                continue  # "batch size" is of the engine
            if not any(neg.end in (tag.start, tag.start - 1) for neg in message.tagged("neg")):
                return name
    return None


def domain(message: Message) -> str | None:
    """The trade that most words speak of, None where none does."""
    counts: dict[str, float] = dict.fromkeys(DOMAINS, 0.0)
    for tag in message.tagged("domain"):
        # Every trade has contracts.
        counts[tag.label.split(".")[1]] += HALF if message.at(tag.start, "c.contract") else 1
    return max(DOMAINS, key=lambda name: counts[name]) if any(counts.values()) else None


def availability(message: Message) -> str | None:
    """Read "n+1" when a failure must be survived, "none" when that is ruled out."""
    for tag in message.tagged("availability"):
        before = [
            neg
            for neg in message.negations(message.clause(tag.start)[0], tag.start)
            if tag.start - neg.end <= 4
        ]
        return "none" if before else "n+1"
    for machine in message.tagged("machine"):
        for fail in message.tagged("fail"):
            gap = fail.start - machine.end if fail.start >= machine.end else machine.start - fail.end
            same = message.tokens[fail.start].sentence == message.tokens[machine.start].sentence
            if same and 0 <= gap <= FAIL_FAR:
                return "n+1"
    return None
