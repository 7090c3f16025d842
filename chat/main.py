"""The Chainlit application: what happens on a new chat, a message, a click, a stop.

Chainlit loads this file before it serves the page, so it imports what the page needs and no more: the rest is
imported by `services` while a browser loads the page, and awaited here.
"""

import asyncio
from typing import Any

import chainlit as cl

from chat.history import configure_history
from chat.runs import speak_here, stop_all
from chat.services import services
from chat.starters import starters

configure_history(services.store)
offers: set["asyncio.Task[None]"] = set()


@cl.on_app_startup
async def start() -> None:
    """Open the toolbox while the first visitor's browser loads the page."""
    services.start()


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
    """Offer the settings as soon as they are known: until this returns, the page lets nobody write."""
    offer = asyncio.create_task(offer_settings())
    offers.add(offer)
    offer.add_done_callback(offers.discard)


async def offer_settings() -> None:
    """Offer the settings, or say that the database is away."""
    await services.started()
    from chat import answering

    await answering.offer_settings()


@cl.on_chat_resume
async def resume(thread: Any) -> None:
    """Take up an earlier conversation where it stopped; its history is in the database."""
    await offer_settings()
    await speak_here()


@cl.on_stop
def stop() -> None:
    """Stop every answer of this conversation, those that wait too."""
    stop_all()


@cl.on_settings_update
async def settings_changed(values: dict[str, Any]) -> None:
    """Say what holds from now on."""
    await services.started()
    from chat import answering

    await answering.settings_changed(values)


@cl.on_message
async def answer(message: cl.Message) -> None:
    """Answer one message."""
    await services.started()
    from chat import answering

    await answering.answer(message.content)


@cl.action_callback("decide")
async def decided(action: cl.Action) -> str:
    """A click on an approval."""
    await services.started()
    from chat import answering

    return answering.decide(str(action.payload.get("card")), action.payload.get("approved") is True)


@cl.action_callback("refresh_status")
async def refresh_status(action: cl.Action) -> dict[str, Any]:
    """A deployment as it is now, for its card."""
    await services.started()
    from chat import answering

    return await answering.status_of(str(action.payload.get("deployment_id")))


@cl.action_callback("pull_model")
async def pull_model(action: cl.Action) -> None:
    """Pull a model into Ollama."""
    await services.started()
    from chat import answering

    await answering.pull_model(str(action.payload.get("model")))
