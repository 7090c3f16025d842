"""Scripts for questions about the plan that is there."""

from agent.commands import named_views
from agent.mentioned_names import names_in
from agent.offline.replies import options as option_words
from agent.offline.replies import plans, reasons, talk
from agent.offline.replies.figures import paragraphs
from agent.offline.script_context import Scene, Script, call, chosen
from agent.toolset import plan_of
from agent.turn_state import option_for
from compass.planning import Option, Plan


def explain(scene: Scene) -> Script:
    """The reasons of the plan that is there."""
    made = plan_of(scene.turn)
    return reasons.explained(made, chosen(scene)) if made else talk.NO_PLAN
    yield  # a script without a call is a generator all the same


def options(scene: Scene) -> Script:
    """All options of the plan."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return talk.NO_PLAN if made is None else plans.impossible(made)
    return paragraphs(option_words.table(made.options), plans.why_not_line(made))
    yield


def recap(scene: Scene) -> Script:
    """What is recommended, how large, at what cost, how fast: the figures that people ask for again."""
    option = chosen(scene)
    return reasons.recalled(option) if option else no_option(scene)
    yield


def assumptions(scene: Scene) -> Script:
    """What nobody said and was taken."""
    made = plan_of(scene.turn)
    return reasons.assumed(made) if made else talk.NO_PLAN
    yield


def sure(scene: Scene) -> Script:
    """How far the figures can be trusted."""
    made, option = plan_of(scene.turn), chosen(scene)
    return reasons.sure(made, option) if made and option else no_option(scene)
    yield


def change(scene: Scene) -> Script:
    """What would make another option the recommended one."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return no_option(scene)
    return reasons.would_change(made)
    yield


def better(scene: Scene) -> Script:
    """The option that is best in one respect, beside the one at hand."""
    made, command = plan_of(scene.turn), scene.command
    if made is None or not made.options:
        return no_option(scene)
    at_hand = current(scene, made)
    wanted = smallest(made) if command.fewer else option_for(made, command.view or "balanced")
    if wanted is None or wanted == at_hand or (command.fewer and wanted.gpus >= at_hand.gpus):
        return reasons.best_already(at_hand, command.view, command.fewer)
    # "Deploy it" now means the option that was just shown.
    scene.latest["option_id"] = wanted.option_id
    scene.turn.ledger.offer = "deploy"
    against = at_hand if wanted == made.options[0] else made.options[0]
    return reasons.beside(against, wanted, command.view, command.fewer)
    yield


def compare(scene: Scene) -> Script:
    """Options side by side: by what they are best at, by their place, or by the hardware and models named."""
    made = plan_of(scene.turn)
    if made is None or not made.options:
        return no_option(scene)
    gpus, models = names_in(scene.turn.text, scene.catalog)
    if len(gpus) > 1 or len(models) > 1:
        return (yield from compare_named(scene, made, gpus if len(gpus) > 1 else models))
    by_view = [option_for(made, view) for view in named_views(scene.turn.text)]
    places = [made.options[place - 1] for place in scene.command.places if place <= len(made.options)]
    picked = list({option.option_id: option for option in (*by_view, *places) if option}.values())
    if gpus or models:
        return (yield from compare_named(scene, made, gpus or models))
    if len(picked) == 1:
        picked = [current(scene, made), *picked]
    return reasons.side_by_side(picked if len(picked) > 1 else made.options)


def compare_named(scene: Scene, made: Plan, names: tuple[str, ...]) -> Script:
    """The best option with each of the names, planned for as what-ifs; the plan stays."""
    before = dict(scene.latest)
    found: list[Option] = []
    without: list[str] = []
    kind = "preferred_gpu_types" if names_in(names[0], scene.catalog)[0] else "preferred_models"
    for name in names[:4]:
        arguments = {"base_plan_id": made.plan_id, kind: [name]}
        what_if = yield from call(Plan, "plan_replicas", **arguments)
        found += what_if.options[:1]
        without += [] if what_if.options else [name]
    scene.latest.clear()
    scene.latest.update(before)
    shown = found if len(names) > 1 else [made.options[0], *found]
    return reasons.side_by_side(list({option.option_id: option for option in shown}.values()), without)


def current(scene: Scene, made: Plan) -> Option:
    """The option at hand: the one that was shown last, else the recommended one."""
    at_hand = scene.latest.get("option_id")
    return next((option for option in made.options if option.option_id == at_hand), made.options[0])


def smallest(made: Plan) -> Option:
    """The option with the fewest GPUs, the cheaper one of equals."""
    return min(made.options, key=lambda option: (option.gpus, option.usd_per_month))


def no_option(scene: Scene) -> str:
    """Why there is nothing to speak about."""
    made = plan_of(scene.turn)
    return plans.impossible(made) if made else talk.NO_PLAN
