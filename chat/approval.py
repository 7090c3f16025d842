"""Asks a person in the browser for approval; a time-out, a closed tab and a stop mean no."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import chainlit as cl

from chat.cards import custom
from compass.serving import ApprovalRequest

SECONDS_TO_DECIDE = 300
Decision = Literal["pending", "approved", "refused", "timed out", "stopped", "over"]


@dataclass(frozen=True)
class Question:
    """A question that waits for an answer in its conversation."""

    thread_id: str
    answer: "asyncio.Future[bool]"


_open: dict[str, Question] = {}


async def ask_in_browser(request: ApprovalRequest) -> bool:
    """Show what would happen and two buttons, and wait for one of them."""
    card = custom(
        "ApprovalCard", request=request.model_dump(mode="json"), decision="pending", seconds=SECONDS_TO_DECIDE
    )
    card.props["card"] = card.id
    answer = asyncio.get_running_loop().create_future()
    _open[card.id] = Question(cl.context.session.thread_id, answer)
    decision: Decision = "stopped"
    try:
        await cl.Message(content="", elements=[with_current_props(card)]).send()
        decision = "approved" if await asyncio.wait_for(answer, SECONDS_TO_DECIDE) else "refused"
    except TimeoutError:
        decision = "timed out"
    finally:
        del _open[card.id]
        card.props["decision"] = decision
        await asyncio.shield(with_current_props(card).update())
    return decision == "approved"


def decide(card_id: str, approved: bool) -> Decision:
    """Answer the question of a card: the first click counts, and only in the card's conversation."""
    question = _open.get(card_id)
    if question is None or question.thread_id != cl.context.session.thread_id:
        return "over"
    if not question.answer.done():
        question.answer.set_result(approved)
    return "approved" if question.answer.result() else "refused"


def with_current_props(card: cl.CustomElement) -> cl.CustomElement:
    """Return the element with its content rendered from its changed props."""
    card.__post_init__()
    return card
