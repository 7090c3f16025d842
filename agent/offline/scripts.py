"""What the offline engine does for each command: tool calls in order, then the words."""

from collections.abc import Callable

from agent.commands import Action
from agent.offline import catalog_scripts as knowing
from agent.offline import deployment_scripts as deploying
from agent.offline import plan_scripts as asking
from agent.offline import planning_scripts as planning
from agent.offline.replies import talk
from agent.offline.script_context import Scene, Script


def script_for(scene: Scene) -> Script:
    """The script of the command."""
    return SCRIPTS[scene.command.action](scene)


def say(text: str) -> Callable[[Scene], Script]:
    """A script that only speaks."""

    def script(scene: Scene) -> Script:
        scene.turn.ledger.offer = ""
        return text
        yield

    return script


SCRIPTS: dict[Action, Callable[[Scene], Script]] = {
    "plan": planning.plan,
    "targets": planning.targets,
    "why_not": planning.why_not,
    "explain": asking.explain,
    "options": asking.options,
    "recap": asking.recap,
    "assumptions": asking.assumptions,
    "sure": asking.sure,
    "change": asking.change,
    "better": asking.better,
    "compare": asking.compare,
    "benchmarks": knowing.benchmarks,
    "facts": knowing.facts,
    "listing": knowing.listing,
    "prices": knowing.prices,
    "terms": knowing.terms,
    "manifests": deploying.manifests,
    "deploy": deploying.deploy,
    "status": deploying.status,
    "test": deploying.test,
    "undeploy": deploying.undeploy,
    "agree": deploying.agree,
    "decline": say("All right, nothing is changed."),
    "restart": say("All right, we begin anew. What will people use it for, and how many of them?"),
    "help": say(talk.HELP),
    "thanks": say("You are welcome."),
    "bye": say("Goodbye. This conversation is kept, and what is deployed goes on running."),
}
