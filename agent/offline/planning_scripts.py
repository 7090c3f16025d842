"""Scripts that plan: a need, a change of one, a comparison with what was not chosen."""

from agent.mentioned_names import names_in
from agent.offline.replies import plans, reasons, talk
from agent.offline.replies.figures import paragraphs
from agent.offline.script_context import Scene, Script, call
from agent.toolset import plan_of, said
from compass.planning import Plan, Specification


def plan(scene: Scene) -> Script:
    """A need, or a change of one: targets, then options."""
    turn, intent = scene.turn, scene.turn.intent
    if not intent.on_topic:
        return talk.OFF_TOPIC
    if not intent.use_case and turn.plan is None and not scale_is_known(scene):
        return intent.question.text if intent.question else talk.HELP
    if intent.question and intent.question.kind == "contradiction":
        # A contradiction or a number that cannot be: to plan for a guess would hide it.
        return f"**Question** {intent.question.text}"
    if turn.plan is not None and nothing_new(scene):
        return plans.unchanged(turn.plan)
    wish = yield from call(Specification, "map_slo", **said(turn))
    base = turn.plan.plan_id if turn.plan and turn.plan.plan_id else None
    made = yield from call(Plan, "plan_replicas", specification_id=wish.specification_id, base_plan_id=base)
    turn.ledger.offer = "deploy" if made.options else ""
    question = f"**Question** {intent.question.text}" if intent.question else ""
    return paragraphs(question, plans.changed(made), plans.planned(made))


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
    """Whether a follow-up changes nothing that is wanted."""
    return scene.turn.wishes == scene.turn.earlier


def targets(scene: Scene) -> Script:
    """The targets alone."""
    wish = yield from call(Specification, "map_slo", **said(scene.turn))
    return plans.targets(wish)


def why_not(scene: Scene) -> Script:
    """Something that the plan did not choose: planned for, and set beside it."""
    made = plan_of(scene.turn)
    if made is None:
        return talk.NO_PLAN
    gpus, models = names_in(scene.turn.text, scene.catalog)
    if not gpus and not models:
        return reasons.explained(made)
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
    return reasons.compared(made, what_if, " with ".join((*models, *gpus)))
