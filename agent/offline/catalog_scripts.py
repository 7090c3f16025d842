"""Scripts for what Compass knows: benchmark runs, GPUs, models, prices, terms."""

from agent.commands import terms_in
from agent.mentioned_names import names_in
from agent.offline.plan_scripts import explain
from agent.offline.replies import knowledge, talk
from agent.offline.replies.figures import paragraphs
from agent.offline.script_context import Scene, Script, call
from compass.catalog import match_gpus, match_models
from tools.lookup_benchmarks import BenchmarkPage


def benchmarks(scene: Scene) -> Script:
    """Runs near what was named."""
    gpus, models = names_in(scene.turn.text, scene.catalog)
    strange = knowledge.strange_name(scene.turn.text) if not gpus and not models else ""
    if strange:
        return knowledge.unknown_name(strange, scene.catalog)
    page = yield from call(
        BenchmarkPage,
        "lookup_benchmarks",
        model=models[0] if models else None,
        gpu=gpus[0] if gpus else None,
    )
    return knowledge.benchmarks(page)


def facts(scene: Scene) -> Script:
    """What the catalog and the runs say of a GPU or a model."""
    gpus, models = names_in(scene.turn.text, scene.catalog)
    if not gpus and not models:
        return (yield from about_no_name(scene))
    told: list[str] = []
    for name in gpus[:2]:
        page = yield from call(BenchmarkPage, "lookup_benchmarks", gpu=name)
        told += [knowledge.gpu(gpu, scene.catalog) for gpu in match_gpus(scene.catalog, name)[:3]]
        told.append(knowledge.runs(page, name))
    for name in models[:2]:
        page = yield from call(BenchmarkPage, "lookup_benchmarks", model=name)
        told += [knowledge.model(model) for model in match_models(scene.catalog, name)[:3]]
        told.append(knowledge.runs(page, name))
    return paragraphs(*told)


def about_no_name(scene: Scene) -> Script:
    """A question that names nothing known: an option of the plan, an unknown name, or another subject."""
    strange = knowledge.strange_name(scene.turn.text)
    if scene.turn.plan and (scene.command.view or scene.command.places or not strange):
        return (yield from explain(scene))
    return (
        knowledge.unknown_name(strange, scene.catalog) if any(map(str.isdigit, strange)) else talk.OFF_TOPIC
    )


def listing(scene: Scene) -> Script:
    """The names that the catalog knows."""
    return knowledge.names(scene.catalog, "model" in scene.turn.text.lower())
    yield


def prices(scene: Scene) -> Script:
    """What GPUs cost an hour, by whose price list."""
    gpus, _ = names_in(scene.turn.text, scene.catalog)
    found = [gpu.name for name in gpus for gpu in match_gpus(scene.catalog, name)]
    return knowledge.prices(scene.catalog, found)
    yield


def terms(scene: Scene) -> Script:
    """What a word means."""
    return "\n\n".join(f"**{term.term}**: {term.means}" for term in terms_in(scene.turn.text))
    yield
