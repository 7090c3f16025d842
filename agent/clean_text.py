"""Cleans the text that a user typed or pasted."""

from compass.core import InvalidInput

LONGEST_TEXT = 20_000


def clean_text(text: str) -> str:
    """Remove the characters that no store or model takes.

    Raises:
        InvalidInput: nothing remains, or it is too long.
    """
    kept = "".join(c for c in text if c.isprintable() or c in "\n\t")
    readable = kept.encode("utf-8", "ignore").decode().strip()
    if not readable:
        raise InvalidInput("message", "is empty. Describe what you need, for whom and how fast.")
    if len(readable) > LONGEST_TEXT:
        raise InvalidInput(
            "message", f"has {len(readable):,} characters; {LONGEST_TEXT:,} are the most. Shorten it."
        )
    return readable
