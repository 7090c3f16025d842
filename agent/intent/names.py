"""Everything in a plain text that has a name, and where."""

from agent.intent.formats import engines, formats, parallelism, sizes
from agent.intent.gpu_names import gpus, makers, unknown_gpus
from agent.intent.machines import machines
from agent.intent.model_names import models, unknown_models
from agent.intent.name import Name, apart

__all__ = ["Name", "names"]


def names(text: str) -> list[Name]:
    """All mentions in order; none overlaps another."""
    readers = (
        machines, gpus, engines, models, unknown_models, parallelism, formats, sizes, makers, unknown_gpus,
    )  # fmt: skip
    return apart(mention for read in readers for mention in read(text))
