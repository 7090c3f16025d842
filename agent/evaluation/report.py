"""The evaluation as Markdown: for docs/evaluation.md and for the terminal."""

from collections.abc import Iterable, Sequence

from agent.evaluation.conversations import ConversationScore
from agent.evaluation.requests import RequestScores

MISTAKES_SHOWN = 40


def markdown(requests: RequestScores, conversations: Sequence[ConversationScore]) -> str:
    """Everything that was counted, most important first."""
    parts = [
        summary(requests, conversations),
        "## Fields\n\nA field counts where a request says it or where something was read.\n",
        table(("field", "counted", "right"), field_rows(requests)),
        "## Use cases\n\nRows: what was said; columns: what was read.\n",
        confusion(requests),
        "## Mistakes\n",
        table(("last message", "field", "said", "read"), shown_mistakes(requests)),
        "## Conversations\n",
        table(("conversation", "turns", "missed", "figures of nobody", "tokens", "s"), talks(conversations)),
    ]
    return "\n".join(parts)


def summary(requests: RequestScores, conversations: Sequence[ConversationScore]) -> str:
    """The totals in a few lines."""
    good = sum(not score.missed for score in conversations)
    faithful = sum(not score.unsupported for score in conversations)
    tokens = sum(score.tokens for score in conversations)
    each = 1000 * requests.seconds / max(1, requests.requests)
    return (
        f"Model: {requests.model}\n\n"
        f"- {requests.requests} requests: {requests.field_share:.1%} of "
        f"{requests.fields.total()} fields right, "
        f"{requests.right} requests ({requests.request_share:.1%}) wholly right; {each:.0f} ms each.\n"
        f"- {len(conversations)} conversations: {good} as expected, {faithful} without a figure that no tool "
        f"returned; {tokens:,} tokens.\n"
    )


def field_rows(requests: RequestScores) -> Iterable[tuple[str, str, str]]:
    """Fields, the most counted first."""
    for name, count in requests.fields.most_common():
        yield name, str(count), f"{requests.fields_right[name] / count:.1%}"


def confusion(requests: RequestScores) -> str:
    """Said against read; only the names that occur."""
    read = sorted({name for _, name in requests.confusion})
    rows = [
        (name, *(str(requests.confusion.get((name, other), "")) for other in read))
        for name in sorted({name for name, _ in requests.confusion})
    ]
    return table(("", *read), rows)


def shown_mistakes(requests: RequestScores) -> list[tuple[str, ...]]:
    """The first mistakes, short enough for a table."""
    return [
        tuple(part.replace("|", "/")[:90] for part in mistake)
        for mistake in requests.mistakes[:MISTAKES_SHOWN]
    ]


def talks(conversations: Sequence[ConversationScore]) -> Iterable[tuple[str, ...]]:
    """A line a conversation."""
    for score in conversations:
        missed = "; ".join(score.missed).replace("|", "/") or "nothing"
        strange = ", ".join(score.unsupported).replace("|", "/") or "none"
        yield score.name, str(score.turns), missed, strange, f"{score.tokens:,}", f"{score.seconds:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, or a word where it has no rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return "None.\n"
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines, ""])
