"""The Chainlit application: what happens on a new chat, a message, a click, a stop."""

import asyncio
import dataclasses
import logging
from contextlib import AsyncExitStack
from typing import Any, cast

import chainlit as cl

from agent import Conversation, default_model, pull
from chat.answer import Answer
from chat.approval import ask_in_browser
from chat.history import configure_history
from chat.settings import Settings, read, widgets
from chat.starters import starters
from chat.status import refresh
from tools.errors import CompassError, Unavailable
from tools.toolbox import Toolbox, open_toolbox

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 20_000


class Services:
    """The toolbox of this process, opened at the first need and again after a failure."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.box: Toolbox | None = None
        self.lock = asyncio.Lock()

    async def toolbox(self) -> Toolbox:
        """The open toolbox.

        Raises:
            Unavailable: the database does not answer.
        """
        async with self.lock:
            if self.box is None:
                self.box = await self.stack.enter_async_context(open_toolbox())
            return self.box

    async def close(self) -> None:
        """Close what is open; the next call opens it again."""
        async with self.lock:
            self.box = None
            stack, self.stack = self.stack, AsyncExitStack()
            await stack.aclose()


services = Services()
configure_history()


@cl.on_app_startup
async def start() -> None:
    """Open the toolbox before the first visitor needs it; a failure is told to them, not here."""
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
    """Say who answers and offer the settings."""
    try:
        box = await services.toolbox()
    except CompassError as error:
        await cl.Message(content=f"{error}", author="Notice").send()
        return
    await widgets(box.catalog, default_model()).send()
    cl.user_session.set("settings", Settings())


@cl.on_chat_resume
async def resume(thread: Any) -> None:
    """Take up an earlier conversation where it stopped; its history is in the database."""
    await new_chat()


@cl.on_settings_update
async def settings_changed(values: dict[str, Any]) -> None:
    """Keep the settings for the next messages, or say what is wrong with them."""
    try:
        settings = read(values)
    except CompassError as error:
        await cl.Message(content=str(error), author="Notice").send()
        return
    cl.user_session.set("settings", settings)
    sentence = settings.sentence()
    await cl.Message(content=f"From now on: {sentence or 'as planned.'}", author="Notice").send()


async def conversation() -> Conversation:
    """This tab's conversation, by the id of its thread, so that a restart finds it again."""
    box = await services.toolbox()
    settings = cast(Settings, cl.user_session.get("settings") or Settings())
    mine = dataclasses.replace(box, approver=ask_in_browser, progress=show_progress())
    return await Conversation.open(mine, cl.context.session.thread_id, model=settings.model or None)


def show_progress() -> Any:
    """Progress of longer actions as a line that changes; tools call it from any task of this answer."""
    loop = asyncio.get_running_loop()
    message = cl.Message(content="", author="Progress")
    tasks: set[asyncio.Task[Any]] = set()

    def show(text: str) -> None:
        message.content = text
        task = loop.create_task(message.update() if message.created_at else message.send())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    return show


@cl.on_message
async def answer(message: cl.Message) -> None:
    """Answer one message at a time; what fails becomes a sentence."""
    lock = cast(asyncio.Lock, cl.user_session.get("lock") or asyncio.Lock())
    cl.user_session.set("lock", lock)
    if lock.locked():
        await cl.Message(
            content="One moment: the answer before this one comes first.", author="Notice"
        ).send()
    async with lock:
        await answer_one(message.content)


async def answer_one(text: str) -> None:
    """Answer one text."""
    drawing = Answer()
    if len(text) > LONGEST_MESSAGE:
        await drawing.abandon(
            f"That is {len(text):,} characters; {LONGEST_MESSAGE:,} are the most I read. Shorten it."
        )
        return
    settings = cast(Settings, cl.user_session.get("settings") or Settings())
    asked = f"{text}\n\n{settings.sentence()}" if settings.sentence() else text
    try:
        talk = await conversation()
        await drawing.draw(talk.ask(asked))
    except asyncio.CancelledError:
        await asyncio.shield(drawing.abandon("Stopped. Nothing was changed after that."))
        raise
    except CompassError as error:
        if isinstance(error, Unavailable):
            await services.close()
        await drawing.abandon(str(error))
    except Exception:
        # A door: the person gets a sentence, the log the traceback.
        log.exception("an answer failed")
        await drawing.abandon("That failed inside Compass; the server's log says more. Try it once more.")


@cl.action_callback("change_assumption")
async def change_assumption(action: cl.Action) -> None:
    """Ask for another value of an assumption and send it as the person's own words."""
    field, value = action.payload["field"].replace("_", " "), action.payload["value"]
    reply = await cl.AskUserMessage(
        content=f"**{field}** is taken as {value}: {action.payload['why']}\n\nWhat is it with you?",
        timeout=300,
    ).send()
    if reply and reply["output"].strip():
        async with cast(asyncio.Lock, cl.user_session.get("lock") or asyncio.Lock()):
            await answer_one(f"{field}: {reply['output'].strip()}")


@cl.action_callback("refresh_status")
async def refresh_status(action: cl.Action) -> None:
    """Read the deployment again and redraw its card."""
    try:
        await refresh(await services.toolbox(), action.payload)
    except CompassError as error:
        log.info("status not refreshed: %s", error)


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
