"""Nodes of a deployment: how many there are, how many GPUs each holds, and whether the fewest of a model are asked for."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from agent.intent.contradictions import LOADS
from agent.intent.goal import match_of
from agent.intent.gpu_counts import GpuReading
from agent.intent.message import Message
from agent.intent.sketch import sketch

State = MutableMapping[str, Any]
RACK = 72
"""GPUs of a rack that is one machine by name and many nodes: its nodes are not counted."""
MOST_OF_A_NODE = 16
NODE_SIZE = re.compile(
    r"(?<!\S)# (?:way )?(?:x )?(?:gpus?|cards?|karten|cartes|tarjetas|schede|placas) ?"
    r"(?:knoten|nodes?|servers?|machines?|boxes|box|hosts?|noeuds?|serveurs?|nodos?|nodi|nodo|servidores)\b"
    r"|\b(?:nodes?|servers?|machines?|boxes|hosts?|knoten|noeuds?|nodos?|nodi|nos) (?:of|with|von|mit|de|a|con|di|com|holding) "
    r"(?:je )?# (?:gpus?|cards?|karten|cartes|tarjetas|schede|placas)\b"
)


def wants_smallest(message: Message) -> bool:
    """Whether the fewest nodes, or the least hardware, that hold a model are asked for."""
    return match_of("smallest_nodes", sketch(message)) is not None


def read_node_size(message: Message) -> int | None:
    """The GPUs of a node of which no number is given: "the smallest number of 8-GPU nodes"; its number is claimed."""
    if not wants_smallest(message):
        return None
    text = sketch(message)
    match = NODE_SIZE.search(text)
    if match is None:
        return None
    begin = text[: match.start()].count(" ") + match[0].startswith(" ")
    places = range(begin, begin + match[0].count(" ") + 1)
    at = next((place for place in places if message.tokens[place].value), None)
    if at is None or not 1 < (message.tokens[at].value or 0) <= MOST_OF_A_NODE:
        return None
    message.take(at)
    return int(message.tokens[at].value or 0)


def take_nodes(
    state: State, message: Message, gpus: GpuReading, size: int | None, before: int | None
) -> None:
    """Nodes follow the number of GPUs: those of the message, or the earlier ones after more or fewer GPUs.

    `size`: GPUs of a node that a question for the fewest nodes names. `before`: GPUs before the message.
    """
    count, unit = state.get("gpu_count"), gpus.unit
    if size is not None:
        state["gpus_per_node"], state["node_count"] = size, None
    elif gpus.total and count and 1 < unit < RACK and count % unit == 0 and count > unit:
        state["gpus_per_node"], state["node_count"] = unit, count // unit
    elif count != before or gpus.total:
        state["node_count"] = state["gpus_per_node"] = None


def take_smallest(state: State, message: Message, hardware: bool) -> None:
    """The fewest nodes that a model needs are a question of capacity that no hardware and no load is given for."""
    if not wants_smallest(message) or not has_model(state):
        return
    if hardware or state.get("goal") == "compare" or any(state.get(load) for load in LOADS):
        return
    asked = tuple(name for name in state.get("asked", ()) if name not in ("fits", "smallest_nodes"))
    state["goal"], state["asked"] = "capacity", ("smallest_nodes", *asked)
    state["gpu_count"] = None


def has_model(values: Mapping[str, Any]) -> bool:
    """Whether a model is named: the size of one alone holds in too many ways."""
    return bool(values.get("preferred_models"))
