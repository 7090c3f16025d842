"""Writes an evaluation as Markdown: for docs/evaluation.md and for the terminal."""

from collections.abc import Iterable, Sequence

from agent.evaluation.conversations import ConversationScore
from agent.evaluation.scores import RequestScores

MISTAKES_SHOWN = 40


def report_markdown(requests: RequestScores, conversations: Sequence[ConversationScore]) -> str:
    """Return the whole report, the most important first."""
    parts = [
        summary(requests, conversations),
        "## Forms of question\n\nA request counts where all of its fields are right.\n",
        table(("form", "requests", "wholly right", "fields", "fields right"), form_rows(requests)),
        "## Fields\n\nA field counts where a label lists it; of applications also where it was read.\n",
        table(("field", "counted", "right"), field_rows(requests)),
        "## Use cases\n\nRows: what was said; columns: what was read.\n",
        confusion(requests),
        "## Mistakes\n",
        table(("last message", "field", "said", "read"), shown_mistakes(requests)),
        *fault_rows(requests),
        "## Conversations\n",
        table(
            ("conversation", "turns", "missed", "figures of nobody", "tokens", "s"),
            conversation_rows(conversations),
        ),
    ]
    return "\n".join(parts)


def summary(requests: RequestScores, conversations: Sequence[ConversationScore]) -> str:
    """Return the totals in a few lines."""
    good = sum(not score.missed and not score.fault for score in conversations)
    faithful = sum(not score.unsupported for score in conversations)
    tokens = sum(score.tokens for score in conversations)
    turns = sum(score.turns for score in conversations)
    each = 1000 * requests.seconds / max(1, requests.requests)
    turn = sum(score.seconds for score in conversations) / max(1, turns)
    lines = [
        f"Model: {requests.model}\n",
        f"- {requests.requests} requests: {requests.field_share:.1%} of "
        f"{requests.fields.total()} fields right, "
        f"{requests.right} requests ({requests.request_share:.1%}) wholly right; {each:,.0f} ms and "
        f"{requests.tokens / max(1, requests.requests):,.0f} tokens each.",
        f"- {len(conversations)} conversations of {turns} messages: {good} as expected, {faithful} without a "
        f"figure that no tool returned; {turn:.1f} s a message, {tokens:,} tokens in all.",
    ]
    if requests.by_rules:
        lines.append(f"- {requests.by_rules} requests: nothing usable from the model, read by the rules.")
    if faults := len(requests.faults) + sum(bool(score.fault) for score in conversations):
        lines.append(f"- {faults} not answered; they count as wrong.")
    return "\n".join(lines) + "\n"


def form_rows(requests: RequestScores) -> Iterable[tuple[str, ...]]:
    """Yield a row for each form of question, in the order of the sets."""
    for form, tally in requests.forms.items():
        yield (
            form,
            str(tally.requests),
            f"{tally.right} ({tally.request_share:.1%})",
            str(tally.fields),
            f"{tally.fields_right} ({tally.field_share:.1%})",
        )


def field_rows(requests: RequestScores) -> Iterable[tuple[str, str, str]]:
    """Yield a row for each field, the most frequent first."""
    for name, count in requests.fields.most_common():
        yield name, str(count), f"{requests.fields_right[name] / count:.1%}"


def confusion(requests: RequestScores) -> str:
    """Return the confusion matrix of use cases that occur."""
    read = sorted({name for _, name in requests.confusion})
    rows = [
        (name, *(str(requests.confusion.get((name, other), "")) for other in read))
        for name in sorted({name for name, _ in requests.confusion})
    ]
    return table(("", *read), rows)


def shown_mistakes(requests: RequestScores) -> list[tuple[str, ...]]:
    """Return the first mistakes, cut to the width of a table."""
    return [
        tuple(part.replace("|", "/")[:90] for part in mistake)
        for mistake in requests.mistakes[:MISTAKES_SHOWN]
    ]


def fault_rows(requests: RequestScores) -> Iterable[str]:
    """Yield a section with the requests that were not read, and why."""
    if requests.faults:
        yield "## Not answered\n"
        yield table(
            ("last message", "why"), [(text[:90].replace("|", "/"), why) for text, why in requests.faults]
        )


def conversation_rows(conversations: Sequence[ConversationScore]) -> Iterable[tuple[str, ...]]:
    """Yield a row for each conversation."""
    for score in conversations:
        missed = "; ".join([*score.missed, *([score.fault] if score.fault else [])]).replace("|", "/")
        missed = missed or "nothing"
        strange = ", ".join(score.unsupported).replace("|", "/") or "none"
        yield score.name, str(score.turns), missed, strange, f"{score.tokens:,}", f"{score.seconds:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, or "None." where it has no rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return "None.\n"
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines, ""])
