"""The Chainlit application: what happens on a new chat, a message, a click, a stop."""

import asyncio
import dataclasses
import logging
from contextlib import AsyncExitStack
from typing import Any

import chainlit as cl

from agent import Conversation, default_model, pull
from chat.answer import Answer, Progress, notice
from chat.approval import ask_in_browser, decide
from chat.history import configure_history
from chat.running_answers import answer_queue, continue_here, stop_answers
from chat.settings import Settings, read, widgets
from chat.starters import starters
from compass.core import CompassError, NotFound, Unavailable
from compass.store import Store
from tools.get_status import StatusRequest, get_status
from tools.toolbox import Toolbox, open_toolbox

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 20_000
STOPPED = "Stopped. What was under way was undone; nothing was changed after that."


class Services:
    """The toolbox of this process, opened at the first need and again after a failure."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.box: Toolbox | None = None
        self.lock = asyncio.Lock()
        self.opening: asyncio.Task[None] | None = None

    async def toolbox(self) -> Toolbox:
        """The open toolbox.

        Raises:
            Unavailable: the database does not answer.
        """
        async with self.lock:
            if self.box is None:
                self.box = await self.stack.enter_async_context(open_toolbox())
            return self.box

    async def store(self) -> Store:
        """The open database.

        Raises:
            Unavailable: it does not answer.
        """
        return (await self.toolbox()).store

    async def close(self) -> None:
        """Close what is open; the next call opens it again."""
        async with self.lock:
            self.box = None
            stack, self.stack = self.stack, AsyncExitStack()
            await stack.aclose()


services = Services()
configure_history(services.store)


@cl.on_app_startup
async def start() -> None:
    """Open the toolbox while the first visitor's browser loads the page."""
    services.opening = asyncio.create_task(open_early())


async def open_early() -> None:
    """Open the toolbox; a failure is told to the visitors, not here."""
    try:
        await services.toolbox()
    except CompassError as error:
        log.warning("%s", error)


@cl.on_app_shutdown
async def stop_services() -> None:
    """Close the toolbox with the server."""
    await services.close()


@cl.set_starters
async def offer_starters(user: cl.User | None) -> list[cl.Starter]:
    """The three demonstrations, a card each."""
    return starters()


@cl.on_chat_start
async def new_chat() -> None:
    """Offer the settings, or say at once that the database is away."""
    try:
        box = await services.toolbox()
    except CompassError as error:
        await notice(str(error))
        return
    await widgets(box.catalog, default_model(), cl.user_session.get("chat_settings") or {}).send()


@cl.on_chat_resume
async def resume(thread: Any) -> None:
    """Take up an earlier conversation where it stopped; its history is in the database."""
    await new_chat()
    await continue_here()


@cl.on_stop
def stop() -> None:
    """Stop every answer of this conversation, those that wait too."""
    stop_answers()


@cl.on_settings_update
async def settings_changed(values: dict[str, Any]) -> None:
    """Say what holds from now on, or what is wrong."""
    try:
        sentence = read(values, (await services.toolbox()).catalog).sentence()
    except CompassError as error:
        await notice(f"{error} The settings are not used until that is mended.")
    else:
        await notice(f"From the next message on: {sentence or 'no wishes of your own'}")


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
    return await Conversation.open(
        mine, cl.context.session.thread_id, chosen.model or None, chosen.wishes, chosen.place
    )


@cl.on_message
async def answer(message: cl.Message) -> None:
    """Answer one message at a time; what fails becomes a sentence."""
    if len(message.content) > LONGEST_MESSAGE:
        length = len(message.content)
        await notice(f"That is {length:,} characters; {LONGEST_MESSAGE:,} are the most I read. Shorten it.")
        return
    async with answer_queue():
        await answer_one(message.content)


async def answer_one(text: str) -> None:
    """Answer one text."""
    drawing = Answer()
    try:
        chosen = await settings()
        talk = await conversation(chosen, drawing.progress)
        await drawing.draw(talk.ask(text))
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


@cl.action_callback("decide")
async def decided(action: cl.Action) -> str:
    """A click on an approval."""
    return decide(str(action.payload.get("card")), action.payload.get("approved") is True)


@cl.action_callback("refresh_status")
async def refresh_status(action: cl.Action) -> dict[str, Any]:
    """A deployment as it is now, for its card."""
    try:
        wanted = StatusRequest(deployment_id=str(action.payload.get("deployment_id")))
        status = await get_status(await services.toolbox(), wanted)
    except CompassError as error:
        return {"error": str(error), "gone": isinstance(error, NotFound)}
    return {"status": status.model_dump(mode="json")}


@cl.action_callback("pull_model")
async def pull_model(action: cl.Action) -> None:
    """Pull the model into Ollama, with progress."""
    model = action.payload["model"]
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
