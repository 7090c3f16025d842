"""The offline engine's words beside the cards: what a card shows is not said twice."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from agent.offline.replies import deployments, knowledge, plans
from compass.manifests import Manifests
from compass.planning import Plan, Specification
from compass.serving import Deployment, Status, TestAnswer
from tools.lookup_benchmarks import BenchmarkPage

SHOWN: tuple[tuple[type[BaseModel], Callable[[Any], str]], ...] = (
    (Specification, plans.targets),
    (Plan, plans.changed),
    (Plan, plans.planned),
    (Manifests, deployments.manifests),
    (BenchmarkPage, knowledge.benchmarks),
    (Deployment, deployments.deployed),
    (Status, deployments.state),
    (TestAnswer, deployments.tested),
)


def beside_cards(text: str, results: Sequence[BaseModel]) -> tuple[str, list[BaseModel]]:
    """What is left to say when these results are shown as cards, and which of them are shown.

    A plan that was only made to answer "why not?" is not what the person asked to see.
    """
    shown = [r for r in results if not isinstance(r, Plan) or plans.planned(r) in text]
    for result in shown:
        for kind, words in SHOWN:
            if isinstance(result, kind) and (said := words(result)):
                text = text.replace(said, "")
    return re.sub(r"\n{3,}", "\n\n", text).strip(), shown
