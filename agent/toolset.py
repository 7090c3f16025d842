"""The typed tools as a pydantic-ai toolset, and what a turn fills into their arguments."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_ai import FunctionToolset, RunContext
from pydantic_ai import Tool as AgentTool

from agent.request_call import arguments_of
from agent.turn_state import ID_FIELDS, Turn
from compass.comparison import Comparison
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Plan, Wishes
from tools.specs import TOOLS, ToolResult, ToolSpec, tool
from tools.toolbox import Toolbox

RETRIES = 3
OF_WISHES = ("map_slo", "plan_replicas", "estimate_capacity", "compare_alternatives")
"""Tools that take what the person wants."""


def build_toolset(box: Callable[[], Toolbox]) -> FunctionToolset[Any]:
    """All tools over a toolbox that is fetched at each call."""
    return FunctionToolset([agent_tool(spec, box) for spec in TOOLS], max_retries=RETRIES, sequential=True)


def agent_tool(spec: ToolSpec, box: Callable[[], Toolbox]) -> AgentTool[Any]:
    """One tool over a toolbox, with the schema and the checks of its request."""

    async def call(**arguments: Any) -> ToolResult:
        return await spec.call(box(), arguments)

    def check(ctx: RunContext[Any], **arguments: Any) -> None:
        spec.request.model_validate(arguments)

    return AgentTool.from_schema(call, spec.name, spec.description, spec.schema, args_validator=check)


def with_what_was_said(turn: Turn, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, in which what the person said wins over what the model wrote."""
    given = {key: value for key, value in arguments.items() if value is not None}
    if name in ("deploy", "render_yaml"):
        known = tool(name).request.model_fields
        place = turn.place.arguments()
        return given | {key: value for key, value in place.items() if key in known}
    if name not in OF_WISHES or given.get("specification_id"):
        return given
    stated = said(turn)
    if name == "estimate_capacity" and turn.intent.asked:
        stated["asked"] = list(turn.intent.asked)
    if name == "compare_alternatives" and turn.intent.alternatives:
        stated["alternatives"] = [side.model_dump(exclude_none=True) for side in turn.intent.alternatives]
    if given.get("base_plan_id"):
        # A what-if changes what it names; the rest stands in the plan.
        return given | {key: stated[key] for key in changed_now(turn) & given.keys()}
    return given | stated


def said(turn: Turn) -> dict[str, Any]:
    """What the person wants, as arguments of map_slo or plan_replicas."""
    return arguments_of(turn.wishes)


def changed_now(turn: Turn) -> set[str]:
    """Wishes that the person's last message stated anew."""
    before, now = (turn.earlier or Wishes()).stated(), turn.wishes.stated()
    return {name for name in now if now[name] != before.get(name)}


def fill_ids(turn: Turn, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with required ids that are missing, or plainly made up, replaced by the latest ones."""
    fields = tool(name).request.model_fields
    filled = dict(arguments)
    if name == "plan_replicas" and turn.finished("map_slo") and not filled.get("base_plan_id"):
        filled.setdefault("specification_id", turn.ledger.latest["specification_id"])
    for key in ID_FIELDS:
        latest = turn.ledger.latest.get(key)
        if key not in fields or latest is None:
            continue
        given = filled.get(key)
        needed = fields[key].is_required() or (name == "deploy" and not filled.get("recipe_id"))
        if (given is None and needed) or (given is not None and not looks_real(key, given)):
            filled[key] = latest
            turn.notice(
                f"{name} was called without a usable {key.replace('_id', '')}; the latest, {latest}, is used."
            )
    return filled


def looks_real(key: str, value: object) -> bool:
    """Whether a value can be an id of this kind: its prefix and hexadecimal digits."""
    kind, _, digits = str(value).partition("-")
    prefixes = {"specification_id": "spec", "plan_id": "plan", "option_id": "option", "deployment_id": "dep"}
    return kind.startswith(prefixes[key]) and bool(digits) and all(c in "0123456789abcdef" for c in digits)


def brief(result: BaseModel) -> str:
    """A result for a language model."""
    say = getattr(result, "brief", None)
    text: str = say() if callable(say) else result.model_dump_json()
    return text


def capacity_of(turn: Turn) -> CapacityAnswer | None:
    """The capacity answer that the conversation is about: of this answer, else the latest."""
    call = turn.finished("estimate_capacity")
    return call.result if call and isinstance(call.result, CapacityAnswer) else turn.capacity


def comparison_of(turn: Turn) -> Comparison | None:
    """The comparison that the conversation is about: of this answer, else the latest."""
    call = turn.finished("compare_alternatives")
    return call.result if call and isinstance(call.result, Comparison) else turn.comparison


def plan_of(turn: Turn) -> Plan | None:
    """The plan made in this answer, else the conversation's latest."""
    call = turn.finished("plan_replicas")
    return call.result if call and isinstance(call.result, Plan) else turn.plan
