"""`compass ask`: a conversation in the shell."""

import dataclasses
import sys
from typing import Any

import click

from agent import Answer, Conversation, pull
from agent.events import ModelUsed, Notice
from cli.event_printer import EventPrinter
from cli.session import print_json, terminal_approver, with_toolbox
from cli.terminal import Keyboard, confirmed, until_stopped
from compass.core import CompassError, InvalidInput, NotFound
from tools.toolbox import Toolbox

END = {"exit", "quit", ":q", "bye"}


@click.command()
@click.argument("text", nargs=-1)
@click.option("--conversation", metavar="ID", help="Go on with an earlier conversation.")
@click.option("--model", metavar="NAME", help="Answering model, instead of COMPASS_MODEL; offline for none.")
@click.option("--json", "as_json", is_flag=True, help="The answer with its tool calls as one JSON document.")
@click.option("--yes", is_flag=True, help="Approve what is about to be changed.")
def ask(text: tuple[str, ...], conversation: str | None, model: str | None, as_json: bool, yes: bool) -> None:
    """Ask once, or talk: without TEXT each line is answered until Ctrl-D. Ctrl-C stops an answer.

    compass ask "a support chatbot for 5,000 users, answers must start within 300 ms"
    """
    question = " ".join(text).strip()
    if as_json and not question:
        question = sys.stdin.read().strip() if not sys.stdin.isatty() else ""
        if not question:
            raise InvalidInput("TEXT", "is empty. Write the question after the command, or pipe it in.")

    async def work(box: Toolbox) -> None:
        talk = await Conversation.open(box, conversation, model)
        if conversation and not talk.record.messages:
            raise NotFound(
                f'No conversation "{conversation}". Leave --conversation out to begin a new one; its id is '
                "told at the end."
            )
        if as_json:
            print_json(document(talk, await talk.say(question)))
        elif question:
            await answer_once(talk, question)
        else:
            await chat(talk)

    with_toolbox(work, terminal_approver(yes))


def document(talk: Conversation, answer: Answer) -> dict[str, Any]:
    """The answer as other programs read it."""
    reasons = [event.reason for event in answer.events if isinstance(event, ModelUsed) and event.reason]
    return {
        "conversation": talk.identifier,
        "model": answer.model,
        "fallback": reasons[-1] if reasons else None,
        "text": answer.text,
        "intent": answer.intent.model_dump(mode="json") if answer.intent else None,
        "calls": [{"name": name, "arguments": arguments} for name, arguments in answer.calls],
        "results": [result.model_dump(mode="json") for result in answer.results],
        "notices": [event.text for event in answer.events if isinstance(event, Notice)],
        "usage": dataclasses.asdict(answer.usage),
    }


async def answer_once(talk: Conversation, question: str) -> None:
    """Print one answer and the command that continues the conversation."""
    printer = EventPrinter()
    if await until_stopped(printer.print_answer(talk.ask(question))):
        printer.print_aside("(stopped)")
    await offer_pull(printer)
    click.echo(f'Go on: compass ask --conversation {talk.identifier} "…"', err=True)


async def chat(talk: Conversation) -> None:
    """Answer each line that is typed; a failed or stopped answer does not end the conversation."""
    printer, keyboard = EventPrinter(), Keyboard()
    if sys.stdin.isatty():
        printer.print_aside(greeting(talk))
    while (line := await keyboard.line("\n› ")) is not None and line.lower() not in END:
        if not line:
            continue
        try:
            if await until_stopped(printer.print_answer(talk.ask(line))):
                printer.print_aside("(stopped)")
            await offer_pull(printer)
        except CompassError as error:
            printer.print_error(str(error))
    if talk.record.messages:
        click.echo(f"\nGo on later: compass ask --conversation {talk.identifier}", err=True)


def greeting(talk: Conversation) -> str:
    """What to type, and what was said last where an earlier conversation continues."""
    keys = "Ctrl-C stops an answer, Ctrl-D ends the conversation."
    if not talk.record.texts:
        return f"Describe what you need. {keys}"
    plan = f" The plan is {talk.plan.plan_id}." if talk.plan else ""
    return f'You last said: "{talk.record.texts[-1][:200]}".{plan} {keys}'


async def offer_pull(printer: EventPrinter) -> None:
    """Pull a missing model if the person wants it; asked once, and Ctrl-C stops it."""
    model, printer.offer = printer.offer, ""
    if not model or printer.pull_asked or not sys.stdin.isatty():
        return
    printer.pull_asked = True
    if not await confirmed(f"Pull {model} into Ollama now?"):
        return

    async def pulling() -> None:
        with printer.console.status(f"Pulling {model}") as status:
            async for progress in pull(model):
                status.update(f"Pulling {model}: {progress}")

    if await until_stopped(pulling()):
        printer.print_aside(f"(stopped; what was downloaded of {model} is kept, pulling again continues)")
    else:
        printer.print_aside(f"{model} is ready; it answers from the next question on.")
