"""What the chat does with messages, settings and clicks; what fails becomes a sentence."""

import asyncio
import dataclasses
import logging
from typing import Any

import chainlit as cl

from agent import Conversation, default_model
from chat.answer import Answer, Progress, notice
from chat.approval import ask_in_browser, decide
from chat.runs import turn
from chat.services import services
from chat.settings import Settings, read, widgets
from tools.errors import CompassError, NotFound, Unavailable
from tools.get_status import get_status

__all__ = ["answer", "decide", "offer_settings", "pull_model", "settings_changed", "status_of"]

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 20_000
STOPPED = "Stopped. What was under way was undone; nothing was changed after that."


async def offer_settings() -> None:
    """Offer the settings, or say at once that the database is away."""
    try:
        box = await services.toolbox()
    except CompassError as error:
        await notice(str(error))
        return
    await widgets(box.catalog, default_model(), cl.user_session.get("chat_settings") or {}).send()


async def settings_changed(values: dict[str, Any]) -> None:
    """Say what holds from now on, or what is wrong."""
    try:
        sentence = read(values, (await services.toolbox()).catalog).sentence()
    except CompassError as error:
        await notice(f"{error} The settings are not used until that is mended.")
    else:
        await notice(f"From the next message on: {sentence or 'as planned.'}")


async def settings() -> Settings:
    """What is set in this conversation.

    Raises:
        InvalidInput: a setting that cannot be.
    """
    return read(cl.user_session.get("chat_settings") or {}, (await services.toolbox()).catalog)


async def conversation(chosen: Settings, progress: Progress) -> Conversation:
    """This page's conversation, by the id of its thread, so that a restart finds it again."""
    box = await services.toolbox()
    mine = dataclasses.replace(box, approver=ask_in_browser, progress=progress)
    return await Conversation.open(mine, cl.context.session.thread_id, model=chosen.model or None)


async def answer(text: str) -> None:
    """Answer one message at a time; what fails becomes a sentence."""
    if len(text) > LONGEST_MESSAGE:
        await notice(
            f"That is {len(text):,} characters; {LONGEST_MESSAGE:,} are the most I read. Shorten it."
        )
        return
    async with turn():
        await answer_one(text)


async def answer_one(text: str) -> None:
    """Answer one text."""
    drawing = Answer()
    try:
        chosen = await settings()
        talk = await conversation(chosen, drawing.progress)
        await drawing.draw(talk.ask("\n\n".join(part for part in (text, chosen.sentence()) if part)))
    except asyncio.CancelledError:
        await asyncio.shield(drawing.abandon(STOPPED))
        raise
    except CompassError as error:
        if isinstance(error, Unavailable):
            await services.close()
        await drawing.abandon(str(error))
        await notice(str(error))
    except Exception:
        # A door: the person gets a sentence, the log the traceback.
        log.exception("an answer failed")
        sentence = "That failed inside Compass; the server's log says more. Try it once more."
        await drawing.abandon(sentence)
        await notice(sentence)


async def status_of(deployment_id: str) -> dict[str, Any]:
    """A deployment as it is now, or why that cannot be said."""
    try:
        status = await get_status(await services.toolbox(), deployment_id=deployment_id)
    except CompassError as error:
        return {"error": str(error), "gone": isinstance(error, NotFound)}
    return {"status": status.model_dump(mode="json")}


async def pull_model(model: str) -> None:
    """Pull the model into Ollama, with progress."""
    from agent import pull

    message = await cl.Message(content=f"Pulling {model} …", author="Progress").send()
    try:
        async for progress in pull(model):
            message.content = f"Pulling {model}: {progress}"
            await message.update()
    except CompassError as error:
        message.content = str(error)
    else:
        message.content = f"{model} is ready; it answers from the next message on."
    await message.update()
