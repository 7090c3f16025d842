"""Pieces of Markdown that replies are put together from."""

from collections.abc import Iterable, Sequence


def paragraphs(*parts: str) -> str:
    """The parts that are not empty, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)


def section(heading: str, rows: Iterable[str]) -> str:
    """A heading with a list below it; nothing where the list is empty."""
    lines = [f"- {row}" for row in rows]
    return "\n".join([heading, "", *lines]) if lines else ""


def bullets(*rows: str) -> str:
    """A list."""
    return "\n".join(f"- {row}" for row in rows)


def quoted(lines: Sequence[str]) -> str:
    """Sentences set apart, each once."""
    return "\n>\n".join(f"> {line}" for line in dict.fromkeys(lines))
