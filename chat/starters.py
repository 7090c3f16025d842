"""The three demonstrations, as cards on an empty page."""

import chainlit as cl

from tools.catalog import load_catalog

LABELS = ("Customer service chatbot", "Code assistant for 500 developers", "Cheap batch summaries")


def starters() -> list[cl.Starter]:
    """One card a demonstration."""
    demonstrations = load_catalog().demonstrations
    return [cl.Starter(label=label, message=text) for label, text in zip(LABELS, demonstrations, strict=True)]
