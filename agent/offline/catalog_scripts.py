"""Scripts for questions about the catalog: benchmark runs, GPUs, models, prices, terms."""

from agent.commands import terms_in
from agent.mentioned_names import names_in
from agent.offline.plan_scripts import explain
from agent.offline.replies import knowledge, talk
from agent.offline.script_context import Passage, Reply, ScriptContext, call
from compass.catalog import match_gpus, match_models
from tools.lookup_benchmarks import BenchmarkPage


async def benchmarks(context: ScriptContext) -> Reply:
    """Benchmark runs of the GPU and the model that the message names, or the nearest ones."""
    gpus, models = names_in(context.turn.text, context.catalog)
    strange = knowledge.strange_name(context.turn.text) if not gpus and not models else ""
    if strange:
        return knowledge.unknown_name(strange, context.catalog)
    page = await call(
        BenchmarkPage,
        "lookup_benchmarks",
        model=models[0] if models else None,
        gpu=gpus[0] if gpus else None,
    )
    return [Passage(knowledge.benchmarks(page), about=page)]


async def facts(context: ScriptContext) -> Reply:
    """What the catalog and the benchmark runs say about a GPU or a model."""
    gpus, models = names_in(context.turn.text, context.catalog)
    if not gpus and not models:
        return await facts_without_a_name(context)
    passages: list[Passage] = []
    for name in gpus[:2]:
        page = await call(BenchmarkPage, "lookup_benchmarks", gpu=name)
        found = match_gpus(context.catalog, name)[:3]
        passages += [Passage(knowledge.gpu(gpu, context.catalog)) for gpu in found]
        passages.append(Passage(knowledge.run_count(page, name), about=page))
    for name in models[:2]:
        page = await call(BenchmarkPage, "lookup_benchmarks", model=name)
        passages += [Passage(knowledge.model(model)) for model in match_models(context.catalog, name)[:3]]
        passages.append(Passage(knowledge.run_count(page, name), about=page))
    return passages


async def facts_without_a_name(context: ScriptContext) -> Reply:
    """The reply where nothing known is named: the plan explained, similar names, or what Compass is for."""
    strange = knowledge.strange_name(context.turn.text)
    if context.turn.plan and (context.command.view or context.command.places or not strange):
        return await explain(context)
    is_a_product = any(map(str.isdigit, strange))
    return knowledge.unknown_name(strange, context.catalog) if is_a_product else talk.OFF_TOPIC


async def listing(context: ScriptContext) -> Reply:
    """The names of the catalog's models or GPUs."""
    return knowledge.names(context.catalog, "model" in context.turn.text.lower())


async def prices(context: ScriptContext) -> Reply:
    """What GPUs cost an hour, and from which provider."""
    gpus, _ = names_in(context.turn.text, context.catalog)
    wanted = [gpu.name for name in gpus for gpu in match_gpus(context.catalog, name)]
    return knowledge.prices(context.catalog, wanted)


async def terms(context: ScriptContext) -> Reply:
    """What the terms in the message mean."""
    return "\n\n".join(f"**{term.term}**: {term.means}" for term in terms_in(context.turn.text))
