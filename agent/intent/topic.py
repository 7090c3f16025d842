"""Whether a message is about serving a language model at all."""

import re

from agent.intent.data import word_set
from agent.intent.message import Message
from agent.intent.use_case import Reading

TELLING_CASE = 4.0
PERSONAL = word_set("personal")
ONE = word_set("one")
OPENERS = 4
QUOTED = re.compile(r"(?<!\w)(['\"]).{2,}\1(?!\w)|:\s+\w+(?:\W+\w+){6,}")
"""The text to work on."""


def about_serving(
    message: Message, reading: Reading, said_something: bool, technical: bool, in_conversation: bool
) -> bool:
    """Numbers and names of the trade tell; else a telling use case, unless the system is asked to do the task itself."""
    if message.tagged("topic.elsewhere") and not message.tagged("scope.serving"):
        return False
    off, on = message.tagged("topic.off"), message.tagged("topic.on")
    itself = not said_something and asks_for_itself(message)
    strong = (
        technical or (in_conversation and said_something) or (reading.points >= TELLING_CASE and not itself)
    )
    if off and not strong:
        return False
    if said_something:
        return True
    if off:
        return False
    if reading.points >= TELLING_CASE and (on or not asks_for_itself(message)):
        return True
    return in_conversation or bool(on)


def asks_for_itself(message: Message) -> bool:
    """Read "write me a …", "summarise this": a task for a model, not a service to plan."""
    verb = any(message.at(0, label) for label in ("c.summarise", "c.translate", "c.write"))
    one_thing = verb and bool(ONE & set(message.words(1, 3)))
    return (
        one_thing
        or bool(PERSONAL & set(message.words(0, OPENERS)))
        or QUOTED.search(message.text) is not None
    )
