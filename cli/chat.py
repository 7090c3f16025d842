"""`compass chat`: the browser chat."""

import click


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Beyond loopback a password is required."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def chat(host: str, port: int) -> None:
    """Serve the chat on http://127.0.0.1:8000."""
    from chat.launch import serve

    serve(host, port)
