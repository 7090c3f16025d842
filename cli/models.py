"""`compass models`: models of the catalog, and own ones by their config.json."""

from pathlib import Path

import click

from cli.session import print_json
from compass.catalog import OWN, Precision, add_own_model, load_catalog, remove_own_model


@click.group()
def models() -> None:
    """List models, or add one by its config.json."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_models(as_json: bool) -> None:
    """Models that can be planned for."""
    found = load_catalog().models
    if as_json:
        print_json([model.model_dump(mode="json") for model in found])
        return
    for model in found:
        precisions = ", ".join(checkpoint.precision for checkpoint in model.checkpoints)
        mark = " (own)" if model.family == OWN else ""
        click.echo(
            f"{model.parameters_b:7.1f} B  {model.context_tokens:9,} tokens  {precisions:16} {model.id}{mark}"
        )


@models.command()
@click.argument("name")
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--precision",
    type=click.Choice(["bf16", "fp8", "int8", "int4", "mxfp4", "nvfp4"]),
    help="Of the weights, where they are quantised otherwise than the file says.",
)
def add(name: str, config: Path, precision: Precision | None) -> None:
    """Plan for a model that the catalog lacks: CONFIG is its Hugging Face config.json.

    compass models add acme-7b config.json
    """
    model = add_own_model(name, config, precision)
    checkpoint = model.checkpoints[0]
    click.echo(
        f"{model.id}: {model.parameters_b:g} B parameters, {model.active_parameters_b:g} B active, "
        f"{checkpoint.precision}, {checkpoint.weight_gib:g} GiB, {model.context_tokens:,} tokens of context. "
        f'Ask for it by name: compass plan "chatbot for 500 users with {model.id}"'
    )


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget an own model."""
    remove_own_model(name)
    click.echo(f"{name} is forgotten.")
