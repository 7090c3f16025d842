"""Refreshes a status card in place, and keeps what it read for the small chart."""

from typing import Any

import chainlit as cl

from chat.cards import custom_again
from tools.get_status import get_status
from tools.toolbox import Toolbox

KEPT = 60


async def refresh(box: Toolbox, payload: dict[str, Any]) -> None:
    """Read the deployment again and send the card with its history.

    Raises:
        CompassError: the deployment cannot be read.
    """
    cards: dict[str, cl.CustomElement] = cl.user_session.get("status_cards") or {}
    card = cards.get(payload.get("element_id", ""))
    if card is None:
        return
    status = await get_status(box, deployment_id=payload["deployment_id"])
    history: dict[str, list[float | None]] = card.props["history"]
    for metric in status.metrics:
        history[metric.name] = [*history.get(metric.name, []), metric.measured][-KEPT:]
    card.props["status"] = status.model_dump(mode="json")
    await custom_again(card).update()
