"""Answers under way in a conversation: one after the other, stopped together, continued after a reload."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import chainlit as cl
from chainlit.session import WebsocketSession


@dataclass(eq=False)
class RunningAnswer:
    """The task that answers one message, and the page that it answers to."""

    task: "asyncio.Task[object]"
    session: WebsocketSession


RESUMED_S = 0.5
"""How long Chainlit takes to finish a resume, in which it hides the stop button."""
_offers: set["asyncio.Task[None]"] = set()
_runs: dict[str, list[RunningAnswer]] = {}


def current_session() -> WebsocketSession:
    """The page that this code answers to.

    Raises:
        TypeError: the code was not called by a page.
    """
    session = cl.context.session
    if not isinstance(session, WebsocketSession):
        raise TypeError("The chat is spoken to through a page.")
    return session


@asynccontextmanager
async def answer_queue() -> AsyncIterator[None]:
    """Wait until the earlier answers of the same conversation have ended, then hold back later ones."""
    task, session = asyncio.current_task(), current_session()
    if task is None:
        raise RuntimeError("A run is a task.")
    run, queue = RunningAnswer(task, session), _runs.setdefault(session.thread_id, [])
    earlier = [other.task for other in queue if other.task is not task]
    queue.append(run)
    try:
        if earlier:
            await cl.Message("One moment: the answer before this one comes first.", author="Notice").send()
            await asyncio.wait(earlier)
            # The end of the earlier one put the stop button away.
            await cl.context.emitter.task_start()
        yield
    finally:
        queue.remove(run)
        if not queue:
            _runs.pop(session.thread_id, None)


def stop_answers() -> None:
    """Cancel the answer under way in this conversation and those that wait for it."""
    for run in _runs.get(current_session().thread_id, []):
        run.task.cancel()


async def continue_here() -> None:
    """After a reload, continue the answers under way in the new page and offer to stop them there."""
    session = current_session()
    going = _runs.get(session.thread_id, [])
    for run in going:
        # Asked each time: a page whose network came back has another address.
        run.session.emit = lambda event, data: session.emit(event, data)
    if going:
        offer = asyncio.create_task(offer_stop([run.task for run in going]))
        _offers.add(offer)
        offer.add_done_callback(_offers.discard)


async def offer_stop(tasks: "list[asyncio.Task[object]]") -> None:
    """Show the stop button once the page has the conversation, while something is still to be stopped."""
    # Chainlit puts the button away when the handler of the resume ends.
    _, running = await asyncio.wait(tasks, timeout=RESUMED_S)
    if running:
        await cl.context.emitter.task_start()
