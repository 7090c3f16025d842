"""One request without a conversation: what it wants, and who read it."""

from collections.abc import Sequence

from agent.environment import OFFLINE, default_model, why_unreachable
from agent.intent import Intent, understand
from compass.core import InvalidInput

ENGINE = "offline engine"


async def read_request(texts: Sequence[str], model: str | None = None) -> tuple[Intent, str]:
    """The intent of these messages, oldest first, and who read them, ready to show.

    Raises:
        InvalidInput: nothing was said.
    """
    if not any(text.strip() for text in texts):
        raise InvalidInput("TEXT", "is empty. Say what you need, in a sentence.")
    wanted = (model or default_model()).strip()
    if wanted.lower() == OFFLINE:
        return understand(texts), ENGINE
    if reason := why_unreachable(wanted):
        return understand(texts), f"{ENGINE} ({reason})"
    # The clients of language models take seconds to import: only where one may answer.
    from agent.llm import read_by_model

    intent, engine = await read_by_model(list(texts), wanted)
    return (understand(texts), f"{ENGINE} ({engine})") if intent is None else (intent, engine)
