"""The script of each command: which tools the offline engine calls, then what it replies."""

from collections.abc import Callable

from agent.commands import Action
from agent.offline import catalog_scripts, deployment_scripts, plan_scripts, planning_scripts
from agent.offline.replies import talk
from agent.offline.script_context import Reply, Script, ScriptContext


def start_script(context: ScriptContext) -> Script:
    """Start the script of the message's command."""
    return SCRIPTS[context.command.action](context)


def say(text: str) -> Callable[[ScriptContext], Script]:
    """A script that replies with a fixed text, after which a bare "yes" means nothing."""

    async def script(context: ScriptContext) -> Reply:
        context.turn.ledger.offer = ""
        return text

    return script


SCRIPTS: dict[Action, Callable[[ScriptContext], Script]] = {
    "plan": planning_scripts.plan,
    "targets": planning_scripts.targets,
    "why_not": planning_scripts.why_not,
    "explain": plan_scripts.explain,
    "options": plan_scripts.options,
    "recap": plan_scripts.recap,
    "assumptions": plan_scripts.assumptions,
    "sure": plan_scripts.sure,
    "change": plan_scripts.change,
    "better": plan_scripts.better,
    "compare": plan_scripts.compare,
    "benchmarks": catalog_scripts.benchmarks,
    "facts": catalog_scripts.facts,
    "listing": catalog_scripts.listing,
    "prices": catalog_scripts.prices,
    "terms": catalog_scripts.terms,
    "manifests": deployment_scripts.manifests,
    "deploy": deployment_scripts.deploy,
    "status": deployment_scripts.status,
    "test": deployment_scripts.test,
    "undeploy": deployment_scripts.undeploy,
    "agree": deployment_scripts.agree,
    "decline": say("All right, nothing is changed."),
    "restart": say("All right, we begin anew. What will people use it for, and how many of them?"),
    "help": say(talk.HELP),
    "thanks": say("You are welcome."),
    "bye": say("Goodbye. This conversation is kept, and what is deployed goes on running."),
}
