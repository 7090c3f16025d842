"""Scripts that make plans: for a need, for a change of it, for what was not chosen."""

from agent.intent import LOADS
from agent.mentioned_names import names_in
from agent.offline.replies import capacities, comparisons, plans, reasons, talk
from agent.offline.script_context import Passage, Reply, ScriptContext, call
from agent.request_call import call_for
from agent.toolset import plan_of, said
from compass.comparison import Comparison
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Plan, Specification


async def plan(context: ScriptContext) -> Reply:
    """Plan for a need or a change of it: targets, then options."""
    turn, intent = context.turn, context.turn.intent
    if not intent.on_topic:
        return talk.OFF_TOPIC
    if intent.goal == "capacity":
        return await capacity(context)
    if intent.goal == "compare":
        return await compare(context)
    if not intent.use_case and turn.plan is None and not can_plan_without_use_case(context):
        return intent.question.text if intent.question else talk.HELP
    if intent.question and intent.question.kind == "contradiction":
        # A contradiction or an impossible number: to plan with a guess would hide it.
        return f"**Question** {intent.question.text}"
    if turn.plan is not None and is_nothing_new(context):
        return plans.unchanged(turn.plan)
    wish = await call(Specification, "map_slo", **said(turn))
    base = turn.plan.plan_id if turn.plan and turn.plan.plan_id else None
    made = await call(Plan, "plan_replicas", specification_id=wish.specification_id, base_plan_id=base)
    turn.ledger.offer = "deploy" if made.options else ""
    return [
        Passage(f"**Question** {intent.question.text}" if intent.question else ""),
        Passage(plans.changed(made), about=made),
        Passage(plans.understood(wish), about=wish),
        Passage(plans.recommended(made), about=made),
    ]


async def capacity(context: ScriptContext) -> Reply:
    """Work out what the GPUs that are there carry."""
    turn, intent = context.turn, context.turn.intent
    if intent.question and intent.question.kind == "contradiction":
        return f"**Question** {intent.question.text}"
    wanted = call_for(intent, turn.wishes)
    answer = await call(CapacityAnswer, wanted.name, **wanted.arguments)
    asks = f"**Question** {intent.question.text}" if intent.question and not answer.question else ""
    return [Passage(asks), Passage(capacities.told(answer), about=answer)]


async def compare(context: ScriptContext) -> Reply:
    """Put the alternatives side by side."""
    turn, intent = context.turn, context.turn.intent
    if intent.question and intent.question.kind == "contradiction":
        return f"**Question** {intent.question.text}"
    wanted = call_for(intent, turn.wishes)
    made = await call(Comparison, wanted.name, **wanted.arguments)
    return [Passage(comparisons.told(made), about=made)]


def can_plan_without_use_case(context: ScriptContext) -> bool:
    """True if something was stated that can be planned for without a use case."""
    intent = context.turn.intent
    return bool(
        any(getattr(intent, name) for name in LOADS)
        or intent.preferred_models
        or intent.preferred_gpu_types
        or "experience_class" in intent.stated()
        or intent.ttft_ms
        or intent.prompt_tokens
    )


def is_nothing_new(context: ScriptContext) -> bool:
    """True if a follow-up changes nothing that is wanted."""
    return context.turn.wishes == context.turn.earlier


async def targets(context: ScriptContext) -> Reply:
    """Work out the targets alone."""
    wish = await call(Specification, "map_slo", **said(context.turn))
    return [Passage(plans.targets(wish), about=wish)]


async def why_not(context: ScriptContext) -> Reply:
    """Plan with what the message names and compare that with the conversation's plan, which stays."""
    made = plan_of(context.turn)
    if made is None:
        return talk.NO_PLAN
    gpus, models = names_in(context.turn.text, context.catalog)
    if not gpus and not models:
        return reasons.explained(made)
    before = dict(context.latest_ids)
    what_if = await call(
        Plan,
        "plan_replicas",
        base_plan_id=made.plan_id,
        preferred_gpu_types=list(gpus) or None,
        preferred_models=list(models) or None,
        # The message asks about this GPU, so an earlier exclusion of it must not be the answer.
        excluded_gpu_types=[] if gpus and made.specification.excluded_gpu_types else None,
    )
    # It was only a question: "deploy it" still means the plan that was recommended.
    context.latest_ids.clear()
    context.latest_ids.update(before)
    return reasons.compared(made, what_if, " with ".join((*models, *gpus)))
