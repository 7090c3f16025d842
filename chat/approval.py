"""A person's yes, asked in the browser; a time-out, a closed tab and a stop mean no."""

import chainlit as cl

from chat.cards import custom
from tools.serving.types import ApprovalRequest

SECONDS_TO_DECIDE = 300


async def ask_in_browser(request: ApprovalRequest) -> bool:
    """Show what would happen and two buttons."""
    card = custom("ApprovalCard", request=request.model_dump(mode="json"))
    await cl.Message(content="", elements=[card]).send()
    verb = "Deploy" if request.action == "deploy" else "Remove"
    answer = await cl.AskActionMessage(
        content=f"{verb} it? Nothing happens without your yes.",
        actions=[
            cl.Action(name="approve", payload={"approved": True}, label=verb),
            cl.Action(name="refuse", payload={"approved": False}, label="Do nothing"),
        ],
        timeout=SECONDS_TO_DECIDE,
    ).send()
    return bool(answer and answer.get("payload", {}).get("approved"))
