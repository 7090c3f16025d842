"""Under which id a conversation is stored; imports nothing, so that the chat's list of them stays light."""

import re


def key_of(identifier: str) -> str:
    """The document's id."""
    return f"conversation-{re.sub(r'[^0-9A-Za-z_.-]', '', identifier)[:80]}"
