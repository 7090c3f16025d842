"""The three demonstrations, as cards on an empty page."""

import chainlit as cl

from compass.catalog import load_catalog

LABELS = ("Customer service chatbot", "Code assistant", "Cheap batch summaries")


def starters() -> list[cl.Starter]:
    """One card a demonstration: its name, and the sentence that it sends below."""
    return [
        cl.Starter(label=f"{label}\n{text}", message=text)
        for label, text in zip(LABELS, load_catalog().demonstrations, strict=True)
    ]
