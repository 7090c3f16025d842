"""What the offline engine does for each command: tool calls in order, then the words."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from agent import replies
from agent.commands import Action, Command
from agent.ledger import Turn, option_for
from agent.names import names_in
from agent.toolset import plan_of, said
from tools.catalog import Catalog
from tools.errors import CompassError
from tools.lookup_benchmarks import BenchmarkPage
from tools.planning.types import Option, Plan, Specification
from tools.serving.types import Deployment, Manifests, Removed, Status, TestAnswer


@dataclass(frozen=True)
class Call:
    """A tool call that a script asks for; it gets the result back, or `ToolRefused` is thrown in."""

    name: str
    arguments: dict[str, Any]


class ToolRefused(CompassError):
    """A tool answered with an error, a sentence for people."""


Script = Generator[Call, BaseModel, str]
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Scene:
    """What a script may look at."""

    turn: Turn
    command: Command
    catalog: Catalog

    @property
    def latest(self) -> dict[str, str]:
        """The latest ids."""
        return self.turn.ledger.latest


def call(kind: type[T], name: str, **arguments: Any) -> Generator[Call, BaseModel, T]:
    """Call a tool whose result is of this kind; arguments that are None stay unsaid."""
    result = yield Call(name, {key: value for key, value in arguments.items() if value is not None})
    if not isinstance(result, kind):
        raise TypeError(f"{name} returned {type(result).__name__}, not {kind.__name__}")
    return result


def script_for(scene: Scene) -> Script:
    """The script of the command."""
    return SCRIPTS[scene.command.action](scene)


def plan(scene: Scene) -> Script:
    """A need, or a change of one: targets, then options."""
    turn, intent = scene.turn, scene.turn.intent
    if not intent.on_topic:
        return replies.OFF_TOPIC
    if not intent.use_case and turn.plan is None and not scale_is_known(scene):
        return intent.question or replies.HELP
    if turn.plan is not None and nothing_new(scene):
        return replies.unchanged(turn.plan)
    wish = yield from call(Specification, "map_slo", **said(turn, "map_slo"))
    base = turn.plan.plan_id if turn.plan and turn.plan.plan_id else None
    made = yield from call(Plan, "plan_replicas", specification_id=wish.specification_id, base_plan_id=base)
    turn.ledger.offer = "deploy" if made.options else ""
    question = f"**Question** {intent.question}" if intent.question else ""
    return replies.paragraphs(question, replies.changed(made), replies.planned(made))


def scale_is_known(scene: Scene) -> bool:
    """Whether something was said that can be planned for without a use case."""
    intent = scene.turn.intent
    return bool(
        intent.user_count
        or intent.requests_per_second
        or intent.preferred_models
        or intent.preferred_gpu_types
        or intent.experience_class
        or intent.ttft_ms
        or intent.prompt_tokens
    )


def nothing_new(scene: Scene) -> bool:
    """Whether a follow-up changes neither the intent nor the extras."""
    turn = scene.turn
    if turn.earlier_intent is None:
        return False
    ignored = {"assumptions", "question"}
    same = turn.intent.model_dump(exclude=ignored) == turn.earlier_intent.model_dump(exclude=ignored)
    return same and turn.extras == turn.earlier_extras


def targets(scene: Scene) -> Script:
    """The targets alone."""
    wish = yield from call(Specification, "map_slo", **said(scene.turn, "map_slo"))
    return replies.targets(wish)


def chosen(scene: Scene) -> Option | None:
    """The option that the words mean: by id, by view, by the GPU or model named; else the balanced one."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return None
    command = scene.command
    wanted = command.identifier or scene.latest.get("option_id")
    latest = next((option for option in made.options if option.option_id == wanted), None)
    if command.identifier:
        return latest
    if command.view:
        return option_for(made, command.view) or made.options[0]
    return named_option(scene, made) or latest or made.options[0]


def named_option(scene: Scene, made: Plan) -> Option | None:
    """The option with the GPU or model that the words name."""
    gpus, models = names_in(scene.turn.text, scene.catalog)
    for option in made.options:
        words = f"{option.gpu} {option.model}".lower().replace(" ", "-")
        if (gpus or models) and all(name.lower().replace(" ", "-") in words for name in (*gpus, *models)):
            return option
    return None


def deploy(scene: Scene) -> Script:
    """An option, deployed after approval, then its state."""
    option = chosen(scene)
    identifier = option.option_id if option else scene.command.identifier
    if not identifier or not identifier.startswith("option-"):
        return replies.NO_PLAN
    extras = scene.turn.extras
    made = yield from call(
        Deployment,
        "deploy",
        option_id=identifier,
        target=scene.command.target or extras.get("target"),
        namespace=extras.get("namespace"),
    )
    scene.turn.ledger.offer = ""
    status = yield from call(Status, "get_status", deployment_id=made.deployment_id)
    return replies.paragraphs(replies.deployed(made), replies.state(status))


def manifests(scene: Scene) -> Script:
    """The manifests of an option."""
    option = chosen(scene)
    identifier = option.option_id if option else scene.command.identifier
    if not identifier:
        return replies.NO_PLAN
    made = yield from call(
        Manifests, "render_yaml", option_id=identifier, namespace=scene.turn.extras.get("namespace")
    )
    return replies.manifests(made)


def deployment_of(scene: Scene) -> str | None:
    """The deployment that is meant."""
    identifier = scene.command.identifier
    return identifier if identifier and identifier.startswith("dep-") else scene.latest.get("deployment_id")


def status(scene: Scene) -> Script:
    """A deployment as it is now."""
    identifier = deployment_of(scene)
    if identifier is None:
        return replies.NO_DEPLOYMENT
    return replies.state((yield from call(Status, "get_status", deployment_id=identifier)))


def test(scene: Scene) -> Script:
    """One prompt, answered by the deployment."""
    identifier = deployment_of(scene)
    if identifier is None:
        return replies.NO_DEPLOYMENT
    answer = yield from call(
        TestAnswer, "test_inference", deployment_id=identifier, prompt=scene.command.prompt
    )
    return replies.tested(answer)


def undeploy(scene: Scene) -> Script:
    """A deployment, removed after approval."""
    identifier = deployment_of(scene)
    if identifier is None:
        return replies.NO_DEPLOYMENT
    gone = yield from call(Removed, "undeploy", deployment_id=identifier)
    scene.latest.pop("deployment_id", None)
    return replies.removed(gone)


def why_not(scene: Scene) -> Script:
    """Something that the plan did not choose: planned for, and set beside it."""
    made = plan_of(scene.turn)
    if made is None:
        return replies.NO_PLAN
    gpus, models = names_in(scene.turn.text, scene.catalog)
    if not gpus and not models:
        return replies.explained(made)
    before = dict(scene.latest)
    what_if = yield from call(
        Plan,
        "plan_replicas",
        base_plan_id=made.plan_id,
        preferred_gpu_types=list(gpus) or None,
        preferred_models=list(models) or None,
        # The person asks about it, so an exclusion must not answer for it.
        excluded_gpu_types=[] if gpus and made.specification.excluded_gpu_types else None,
    )
    # Only a question: "deploy it" still means the plan that was recommended.
    scene.latest.clear()
    scene.latest.update(before)
    return replies.compared(made, what_if, " with ".join((*models, *gpus)))


def explain(scene: Scene) -> Script:
    """The reasons of the plan that is there."""
    made = plan_of(scene.turn)
    return replies.explained(made, chosen(scene)) if made else replies.NO_PLAN
    yield  # a script without a call is a generator all the same


def options(scene: Scene) -> Script:
    """All options of the plan."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return replies.NO_PLAN if made is None else replies.impossible(made)
    return replies.paragraphs(replies.table(made.options), replies.why_not_line(made))
    yield


def benchmarks(scene: Scene) -> Script:
    """Measured runs near what was named."""
    gpus, models = names_in(scene.turn.text, scene.catalog)
    page = yield from call(
        BenchmarkPage,
        "lookup_benchmarks",
        model=models[0] if models else None,
        gpu=gpus[0] if gpus else None,
    )
    return replies.benchmarks(page)


def agree(scene: Scene) -> Script:
    """A bare yes: to what was offered."""
    if scene.turn.ledger.offer == "deploy":
        return (yield from deploy(scene))
    return "Yes to what? Nothing is waiting for an answer. " + replies.HELP


def say(text: str) -> Callable[[Scene], Script]:
    """A script that only speaks."""

    def script(scene: Scene) -> Script:
        scene.turn.ledger.offer = ""
        return text
        yield

    return script


SCRIPTS: dict[Action, Callable[[Scene], Script]] = {
    "plan": plan,
    "targets": targets,
    "deploy": deploy,
    "status": status,
    "manifests": manifests,
    "why_not": why_not,
    "explain": explain,
    "options": options,
    "benchmarks": benchmarks,
    "test": test,
    "undeploy": undeploy,
    "agree": agree,
    "decline": say("All right, nothing is changed."),
    "help": say(replies.HELP),
    "thanks": say("You are welcome."),
}
