"""Answers a capacity question: what given GPUs carry of a model, as a pure function of its inputs."""

from collections.abc import Iterable
from dataclasses import replace

from compass.capacity import Estimator
from compass.catalog import Catalog, by_minor_version, network_link
from compass.deployment_capacity.arrangements import Worked, choice_words, work_out
from compass.deployment_capacity.bottleneck import bottleneck_of
from compass.deployment_capacity.capacity_answer import CapacityAnswer
from compass.deployment_capacity.hardware import Hardware, hardware_of
from compass.deployment_capacity.helps import fewest_gpus, helps_for
from compass.deployment_capacity.measured import measured_runs
from compass.deployment_capacity.question import question_of
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.smallest_machines import asks_for_machines, chosen_machines
from compass.deployment_capacity.subject import format_remarks, formats_of, of_catalog, subject_of
from compass.deployment_capacity.suggestions import SHOWN, as_suggestion, suggested
from compass.deployment_capacity.types import Limit, LoadPoint, Suggestion
from compass.deployment_capacity.verdict import verdict_of
from compass.deployment_capacity.wording import targets_words
from compass.planning import Assumption, Wishes

CURVE = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)


def deployment_capacity(
    catalog: Catalog, estimator: Estimator, wishes: Wishes, asked: Iterable[str] = ()
) -> CapacityAnswer:
    """What the GPUs of the wishes carry of their model; a question where something is missing.

    `asked` names the figures that the question is about (fits, max_context, concurrency, throughput, latency,
    duration …): they decide which arrangement is best.

    Raises:
        InvalidInput: a number that cannot be, or an unknown format; names the field.
        NotFound: an unknown use case or class; names the nearest.
    """
    question = question_of(catalog, wishes)
    if asks_for_machines(wishes, asked := tuple(asked)):
        return on_smallest_machines(catalog, estimator, wishes, asked)
    hardware = hardware_of(catalog, wishes)
    if isinstance(hardware, str):
        return CapacityAnswer(question=hardware, load=question.load, assumptions=question.assumptions)
    subject = subject_of(catalog, wishes)
    if isinstance(subject, str):
        return CapacityAnswer(gpu=hardware.gpu.name, gpu_count=hardware.count, question=subject)
    return answered(
        Scene(
            catalog=catalog,
            estimator=estimator,
            hardware=hardware,
            count=hardware.count or 1,
            subject=subject or of_catalog(catalog.models[0]),
            question=question,
            wishes=wishes,
            asked=tuple(asked),
        ),
        is_named=subject is not None,
    )


def answered(scene: Scene, is_named: bool) -> CapacityAnswer:
    """The answer for a named model, or for the best of those that fit."""
    if is_named:
        counted, notes = with_count(scene)
        return of_scene(counted, work_out(counted), [*stand_in(scene), *notes], ())
    found = suggested(scene)
    notes = [] if scene.hardware.count else [one_gpu()]
    if not found:
        return CapacityAnswer(
            gpu=scene.hardware.gpu.name,
            gpu_count=scene.count,
            verdict="no",
            why=f"No model of the catalog fits on {scene.count} × {scene.hardware.gpu.name} in a format that "
            "vLLM starts there.",
            load=scene.question.load,
            remarks=scene.hardware.remarks,
            assumptions=(*scene.hardware.assumptions, *notes),
        )
    best, worked = found[0]
    why = "not said; of those that fit the one with the best scores for the use case"
    notes.append(Assumption(field="model", value=best.subject.short, why=why))
    return of_scene(best, worked, notes, tuple(as_suggestion(*each) for each in found[:SHOWN]))


def on_smallest_machines(
    catalog: Catalog, estimator: Estimator, wishes: Wishes, asked: tuple[str, ...]
) -> CapacityAnswer:
    """The answer on the fewest machines that hold the named model, the cheapest of them."""
    question, subject = question_of(catalog, wishes), subject_of(catalog, wishes)
    if subject is None or isinstance(subject, str):
        return CapacityAnswer(question=subject or "Which model?", load=question.load)
    anywhere = Scene(
        catalog=catalog,
        estimator=estimator,
        hardware=Hardware(catalog.gpus[0], None, in_catalog=True),
        count=1,
        subject=subject,
        question=question,
        wishes=wishes,
        asked=asked,
    )
    chosen = chosen_machines(anywhere)
    if chosen is None:
        size = f" of {wishes.gpus_per_node} GPUs" if wishes.gpus_per_node else ""
        return CapacityAnswer(
            model=subject.name,
            verdict="no",
            why=f"No machines{size} of the catalog hold {subject.short}, up to 64 GPUs a replica.",
            load=question.load,
        )
    hardware, words = chosen
    scene = replace(anywhere, hardware=hardware, count=hardware.count or 1)
    answer = of_scene(scene, work_out(scene), [], ())
    return answer.model_copy(update={"remarks": (f"Fewest machines that hold it: {words}.", *answer.remarks)})


def stand_in(scene: Scene) -> list[Assumption]:
    """That the catalog's model stands for the one that was named."""
    model, names = scene.subject.model, scene.wishes.preferred_models
    if model is None or not names or not by_minor_version(scene.catalog, names[0]):
        return []
    return [Assumption(field="model", value=model.name, why=f"stands for {names[0]}")]


def with_count(scene: Scene) -> tuple[Scene, list[Assumption]]:
    """The scene with the stated number of GPUs, else with the fewest on which the model fits."""
    if scene.hardware.count is not None:
        return scene, []
    fewest = fewest_gpus(scene)
    if fewest is None or fewest == 1:
        return scene, [one_gpu()]
    why = "how many was not said; the fewest on which it fits"
    return scene.with_count(fewest), [Assumption(field="gpu_count", value=f"{fewest}", why=why)]


def one_gpu() -> Assumption:
    """Nobody said how many GPUs there are."""
    return Assumption(field="gpu_count", value="1", why="how many was not said")


def of_scene(
    scene: Scene, worked: Worked, notes: list[Assumption], suggestions: tuple[Suggestion, ...]
) -> CapacityAnswer:
    """The whole answer for one model on one number of GPUs."""
    best, question, hardware = worked.best, scene.question, scene.hardware
    verdict, why = verdict_of(scene, best)
    point = best.at_load
    context = question.load.prompt_tokens + question.load.output_tokens / 2
    return CapacityAnswer(
        model=scene.subject.name,
        gpu=hardware.gpu.name,
        gpu_count=scene.count,
        verdict=verdict,
        why=why,
        arrangements=worked.arrangements,
        best=best,
        choice=choice_words(scene, worked.arrangements),
        curve=curve_of(scene, worked),
        load=question.load,
        use_case=question.specification.use_case,
        bottleneck=bottleneck_of(
            worked.operation.batch, worked.rows[0], point.concurrent_requests / best.replicas, context
        )
        if worked.operation and point
        else None,
        helps=helps_for(scene, worked),
        measured=measured_runs(scene.estimator, best, hardware.gpu.name, question.load, point)
        if point
        else (),
        suggestions=suggestions,
        remarks=tuple(remarks_of(scene, worked)),
        assumptions=(
            *hardware.assumptions,
            *scene.subject.assumptions,
            *notes,
            *question.assumptions,
            *assumed_targets(best.limit),
        ),
    )


def curve_of(scene: Scene, worked: Worked) -> tuple[LoadPoint, ...]:
    """Latencies and tokens a second from one request to as many as fit, the stated load among them."""
    operation, best = worked.operation, worked.best
    if operation is None or not best.fits or best.at_load is None or best.full_load is None:
        return ()
    most = float(operation.most_in_flight[worked.rows[0]]) * best.replicas
    loads = {float(load) for load in CURVE if load < most} | {most}
    if scene.question.concurrent is not None:
        loads.add(scene.question.concurrent)
    return operation.curve(worked.rows[0], sorted(loads))


def remarks_of(scene: Scene, worked: Worked) -> list[str]:
    """Doubts about hardware and model, and what is not taken into account."""
    forms = formats_of(scene.subject, scene.hardware.gpu, scene.wishes.precision)
    used = tuple(form for form in forms if form.precision == worked.best.precision)
    found = [*scene.hardware.remarks, *scene.subject.remarks]
    found += format_remarks(scene.subject, used)
    if worked.best.gpus_per_replica > scene.hardware.node:
        found.append(network_words(scene.hardware.gpu.name))
    if worked.best.fits and worked.best.kv_cache_tokens_interval.low <= 0:
        found.append(
            "Memory is tight: start-up logs differ from this arithmetic by 4 % of weights and runtime, and "
            "it leaves less than that for the KV cache. It may not start."
        )
    if worked.best.gpus_idle:
        found.append(f"{worked.best.gpus_idle} of the {scene.count} GPUs stay idle in this arrangement.")
    limit = worked.best.limit
    if limit and not limit.targets and scene.question.targets:
        found.append(
            f"The usual targets ({targets_words(scene.question.targets)}) do not hold here even with one "
            "request at a time, so the limit leaves them out."
        )
    if scene.question.cached_share and worked.best.fits:
        found.append(
            "The prefix cache saves the computing of prompts, not memory: each context keeps its own tokens "
            "in the KV cache, but for those that prompts share."
        )
    if scene.subject.context_tokens is None and worked.best.context_bound == "memory" and worked.best.fits:
        found.append(f"The window of {scene.subject.short} itself is not known here and may be shorter.")
    return [*found, *scene.question.remarks]


def network_words(gpu: str) -> str:
    """What latencies of a replica over several machines are worked out with."""
    link = network_link(gpu)
    return (
        f"A replica spans several machines. Assumed between them: {link.name} ({link.gb_s:g} GB/s a GPU, "
        f"{link.microseconds:g} µs a message). Memory is counted; latencies rest on physics, and few runs "
        "over several machines are published."
    )


def assumed_targets(limit: Limit | None) -> list[Assumption]:
    """The usual targets that the limit was worked out with."""
    targets = limit.targets if limit else ()
    return [
        Assumption(
            field=f"{target.name.lower()}_ms",
            value=f"{target.milliseconds:g}",
            why="usual for the use case; only the limit is worked out with it",
        )
        for target in targets
        if not target.stated
    ]
