"""`compass tools list | call`: the typed tools from a shell."""

import json
from typing import Any

import click

from cli.session import print_json, terminal_approver, with_toolbox
from compass.core import InvalidInput, unknown
from tools.specs import TOOLS, ToolSpec, tool
from tools.toolbox import Toolbox


@click.group()
def tools() -> None:
    """List the typed tools, or call one."""


@tools.command("list")
@click.option("--json", "as_json", is_flag=True, help="Names, descriptions and parameter schemas as JSON.")
def list_tools(as_json: bool) -> None:
    """Names, parameters and what each tool does."""
    if as_json:
        print_json([describe(spec) for spec in TOOLS])
        return
    for spec in TOOLS:
        parameters = spec.schema.get("properties", {})
        click.echo(f"{spec.name:18} {spec.title}{'' if spec.read_only else '  (asks for approval)'}")
        click.echo(f"{'':18} {', '.join(parameters)}")


def describe(spec: ToolSpec) -> dict[str, Any]:
    """One tool as MCP lists it."""
    return {
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "readOnly": spec.read_only,
        "destructive": spec.destructive,
        "inputSchema": spec.schema,
    }


@tools.command("call")
@click.argument("name")
@click.argument("pairs", nargs=-1, metavar="[key=value ...]")
@click.option("--args", "document", help="The arguments as one JSON object.")
@click.option("--json", "as_json", is_flag=True, help="The whole result as one JSON document.")
@click.option("--yes", is_flag=True, help="Approve what the tool is about to change.")
def call(name: str, pairs: tuple[str, ...], document: str | None, as_json: bool, yes: bool) -> None:
    """Call one tool: `compass tools call lookup_benchmarks model=llama-3.1-8b gpu=H100`."""
    spec = tool(name)
    arguments = parse_document(document) | parse_pairs(spec, pairs)

    async def work(box: Toolbox) -> Any:
        return await spec.call(box, arguments)

    result = with_toolbox(work, terminal_approver(yes))
    if as_json:
        print_json(result)
    else:
        click.echo(result.brief())


def parse_document(document: str | None) -> dict[str, Any]:
    """The object after --args.

    Raises:
        InvalidInput: it is no JSON object.
    """
    try:
        value = json.loads(document) if document else {}
    except json.JSONDecodeError as error:
        raise InvalidInput("--args", f"not JSON ({error.msg} at character {error.pos}).") from error
    if not isinstance(value, dict):
        raise InvalidInput("--args", 'give one JSON object, {"model": "Qwen3-8B"} for example.')
    return value


def parse_pairs(spec: ToolSpec, pairs: tuple[str, ...]) -> dict[str, Any]:
    """`key=value` words; a list takes commas, JSON is read as such where the field is not a string."""
    properties = spec.schema.get("properties", {})
    arguments: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign:
            raise InvalidInput(pair, "give each argument as key=value.")
        if key not in properties:
            raise InvalidInput(
                key, f"{unknown('parameter', key, properties)} Known: {', '.join(properties)}."
            )
        arguments[key] = parse_value(properties[key], text)
    return arguments


def parse_value(schema: dict[str, Any], text: str) -> Any:
    """A word as the type that the field's schema wants; pydantic judges it afterwards."""
    types = {schema.get("type")} | {choice.get("type") for choice in schema.get("anyOf", [])}
    if "array" in types and not text.startswith("["):
        return [word.strip() for word in text.split(",") if word.strip()]
    if "string" in types and not ({"number", "integer", "boolean"} & types):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
