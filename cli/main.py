"""The front door: the `compass` command. Each subcommand's module is imported only when it is called."""

import importlib
import logging
import os
import sys
from typing import NoReturn

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "chat": ("cli.chat:chat", "The browser chat"),
    "ask": ("cli.ask:ask", "A conversation in the shell"),
    "plan": ("cli.plan:plan", "One request, one plan"),
    "capacity": ("cli.capacity:capacity", "What given GPUs carry of a model"),
    "explain": ("cli.explain:explain", "A stored plan in full: every rejection, every option"),
    "diff": ("cli.diff:diff", "What differs between two plans"),
    "recheck": ("cli.recheck:recheck", "Is a stored plan still right?"),
    "intent": ("cli.intent:intent", "What Compass understands of a request"),
    "tools": ("cli.tools:tools", "List the typed tools, or call one"),
    "estimate": ("cli.estimate:estimate", "Latency estimates for a file of configurations"),
    "models": ("cli.models:models", "List models, or add one by its config.json"),
    "cost": ("cli.cost:cost", "Own hardware, and the break-even against an API"),
    "simulate": ("cli.simulate:simulate", "Latency distribution under a traffic model"),
    "benchmarks": ("cli.benchmarks:benchmarks", "Load, list and choose benchmark runs"),
    "eval": ("cli.evaluate:evaluate", "How well a model, or the offline engine, understands and answers"),
    "mcp": ("cli.mcp:mcp", "The tools for MCP clients, over stdio or HTTP"),
    "simulator": ("cli.simulator:simulator", "A vLLM-compatible server that takes its time like a plan"),
    "demo": ("cli.demo:demo", "The whole way for three demonstrations"),
    "doctor": ("cli.doctor:doctor", "What works here, and what to do about the rest"),
}


class LazyGroup(click.Group):
    """Subcommands by name and help line; a module is imported when its command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table, most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown command names the nearest ones."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from compass.core import InvalidInput, unknown

            raise InvalidInput(
                "", f"{unknown('command', args[0], COMMANDS)} `compass --help` lists them all."
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llm-compass", prog_name="compass")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens to stderr.")
def cli(verbose: bool) -> None:
    """From a sentence to a deployment of an open model that holds its service-level objectives."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


def fail(message: str, exit_code: int) -> NoReturn:
    """One sentence on stderr, and the exit code of the contract."""
    click.echo(message, err=True)
    sys.exit(exit_code)


def main() -> None:
    """Run the command line; every failure becomes a sentence and an exit code."""
    from compass.core import CompassError

    try:
        cli.main(standalone_mode=False)
    except CompassError as error:
        fail(str(error), error.exit_code)
    except click.UsageError as error:
        usage = f"\n{error.ctx.get_usage()}" if error.ctx else ""
        fail(f"{error.format_message()}{usage}", 2)
    except click.ClickException as error:
        fail(error.format_message(), 1)
    except (click.Abort, KeyboardInterrupt):
        fail("Stopped.", 130)
    except BrokenPipeError:
        # The reader of our output went away (`| head`); Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}.", 1)


if __name__ == "__main__":
    main()
