"""A message as the patterns of the data file of goals see it."""

from agent.intent.message import Message


def sketch(message: Message) -> str:
    """The words of a message with kinds in place of names and "#" for numbers, as the patterns see it."""
    return " ".join(
        f"<{token.name.kind}>" if token.name else "#" if token.value is not None else token.text
        for token in message.tokens
    )
