"""Scripts for questions about the conversation's plan."""

from agent.commands import named_views
from agent.mentioned_names import names_in
from agent.offline.replies import capacities, comparisons, plans, reasons, talk
from agent.offline.replies.markdown import paragraphs
from agent.offline.replies.options import table
from agent.offline.script_context import Reply, ScriptContext, call, chosen_option
from agent.toolset import capacity_of, comparison_of, plan_of
from agent.turn_state import option_for
from compass.planning import Option, Plan


async def explain(context: ScriptContext) -> Reply:
    """Why an option was chosen and the others were not."""
    if made := comparison_of(context.turn):
        return comparisons.explained(made)
    if answer := capacity_of(context.turn):
        return capacities.explained(answer)
    plan = plan_of(context.turn)
    return reasons.explained(plan, chosen_option(context)) if plan else talk.NO_PLAN


async def options(context: ScriptContext) -> Reply:
    """All options of the plan, or all arrangements of the GPUs."""
    if made := comparison_of(context.turn):
        return comparisons.told(made)
    if answer := capacity_of(context.turn):
        return capacities.arranged(answer)
    plan = plan_of(context.turn)
    if plan is None or not plan.options:
        return no_option(plan)
    return paragraphs(table(plan.options), plans.why_not_line(plan))


async def recap(context: ScriptContext) -> Reply:
    """Size, cost and latency of an option."""
    if made := comparison_of(context.turn):
        return comparisons.told(made)
    if answer := capacity_of(context.turn):
        return capacities.told(answer)
    option = chosen_option(context)
    return reasons.recalled(option) if option else no_option(plan_of(context.turn))


async def assumptions(context: ScriptContext) -> Reply:
    """The plan's assumptions."""
    if made := comparison_of(context.turn):
        return comparisons.assumed(made)
    if answer := capacity_of(context.turn):
        return capacities.assumed(answer)
    plan = plan_of(context.turn)
    return reasons.assumed(plan) if plan else talk.NO_PLAN


async def sure(context: ScriptContext) -> Reply:
    """How far an option's figures can be trusted."""
    if made := comparison_of(context.turn):
        return comparisons.sure(made)
    if answer := capacity_of(context.turn):
        return paragraphs(capacities.sure(answer), capacities.measured(answer))
    plan, option = plan_of(context.turn), chosen_option(context)
    return reasons.sure(plan, option) if plan and option else no_option(plan)


async def change(context: ScriptContext) -> Reply:
    """What would make another option the recommended one."""
    if made := comparison_of(context.turn):
        return comparisons.explained(made)
    if answer := capacity_of(context.turn):
        return capacities.would_help(answer)
    plan = plan_of(context.turn)
    return reasons.would_change(plan) if plan and plan.options else no_option(plan)


async def better(context: ScriptContext) -> Reply:
    """The option that is best in one respect, beside the one that was shown last."""
    plan, command = plan_of(context.turn), context.command
    if plan is None or not plan.options:
        return no_option(plan)
    current = current_option(context, plan)
    wanted = fewest_gpus(plan) if command.fewer else option_for(plan, command.view or "balanced")
    if wanted is None or wanted == current or (command.fewer and wanted.gpus >= current.gpus):
        return reasons.best_already(current, command.view, command.fewer)
    # "Deploy it" now means the option that was just shown.
    context.latest_ids["option_id"] = wanted.option_id
    context.turn.ledger.offer = "deploy"
    other = current if wanted == plan.options[0] else plan.options[0]
    return reasons.beside(other, wanted, command.view, command.fewer)


async def compare(context: ScriptContext) -> Reply:
    """Options side by side: by view, by place in the list, or by the hardware and models named."""
    if made := comparison_of(context.turn):
        return comparisons.told(made)
    plan = plan_of(context.turn)
    if plan is None or not plan.options:
        return no_option(plan)
    gpus, models = names_in(context.turn.text, context.catalog)
    if gpus or models:
        several = next((names for names in (gpus, models) if len(names) > 1), ())
        return await compare_named(context, plan, several or gpus or models)
    by_view = [option_for(plan, view) for view in named_views(context.turn.text)]
    places = [plan.options[place - 1] for place in context.command.places if place <= len(plan.options)]
    picked = without_duplicates([option for option in (*by_view, *places) if option])
    if len(picked) == 1:
        picked = [current_option(context, plan), *picked]
    return reasons.side_by_side(picked if len(picked) > 1 else plan.options)


async def compare_named(context: ScriptContext, plan: Plan, names: tuple[str, ...]) -> Reply:
    """The best option with each of the names, planned for as what-ifs; the conversation's plan stays."""
    before = dict(context.latest_ids)
    found = [] if len(names) > 1 else [(plan.options[0], "recommended")]
    without: list[str] = []
    kind = "preferred_gpu_types" if names_in(names[0], context.catalog)[0] else "preferred_models"
    for name in names[:4]:
        arguments = {"base_plan_id": plan.plan_id, kind: [name]}
        what_if = await call(Plan, "plan_replicas", **arguments)
        found += [(option, f"with {name}") for option in what_if.options[:1]]
        without += [] if what_if.options else [name]
    context.latest_ids.clear()
    context.latest_ids.update(before)
    return reasons.side_by_side([option for option, _ in found], [label for _, label in found], without)


def current_option(context: ScriptContext, plan: Plan) -> Option:
    """The option that was shown last, else the recommended one."""
    latest = context.latest_ids.get("option_id")
    return next((option for option in plan.options if option.option_id == latest), plan.options[0])


def fewest_gpus(plan: Plan) -> Option:
    """The option with the fewest GPUs, the cheapest of equals."""
    return min(plan.options, key=lambda option: (option.gpus, option.usd_per_month or 0.0))


def without_duplicates(options: list[Option]) -> list[Option]:
    """The options, each once, in their order."""
    return list({option.option_id: option for option in options}.values())


def no_option(plan: Plan | None) -> str:
    """Why there is no option to speak about: no plan, one in which nothing fits, or another id."""
    if plan is None:
        return talk.NO_PLAN
    return plans.unknown_option(plan) if plan.options else plans.impossible(plan)
