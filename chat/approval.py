"""A person's yes, asked in the browser; a time-out, a closed tab and a stop mean no."""

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
        await cl.Message(content="", elements=[restated(card)]).send()
        decision = "approved" if await asyncio.wait_for(answer, SECONDS_TO_DECIDE) else "refused"
    except TimeoutError:
        decision = "timed out"
    finally:
        del _open[card.id]
        card.props["decision"] = decision
        await asyncio.shield(restated(card).update())
    return decision == "approved"


def decide(card_id: str, approved: bool) -> Decision:
    """Hand a click to the question that it answers: the first click counts, and only in its conversation."""
    question = _open.get(card_id)
    if question is None or question.thread_id != cl.context.session.thread_id:
        return "over"
    if not question.answer.done():
        question.answer.set_result(approved)
    return "approved" if question.answer.result() else "refused"


def restated(card: cl.CustomElement) -> cl.CustomElement:
    """The same element with its content made anew, after its props changed."""
    card.__post_init__()
    return card
