"""`compass simulator`: the vLLM-compatible server, with the flags of `python -m simulator`."""

import sys

import click

from simulator.__main__ import main


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def simulator(context: click.Context) -> None:
    """A vLLM-compatible server that takes its time like a plan."""
    sys.exit(main(context.args, prog="compass simulator"))
