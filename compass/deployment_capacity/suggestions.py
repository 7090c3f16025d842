"""Models that fit given GPUs, best quality first, where none was named."""

from compass.catalog import Model
from compass.deployment_capacity.arrangements import Worked, work_out
from compass.deployment_capacity.helps import fits_on
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.subject import formats_of, of_catalog
from compass.deployment_capacity.types import Suggestion
from compass.planning import quality_of

LOOKED_AT, MOST_LOOKED_AT, SHOWN = 10, 30, 3


def quality(model: Model, use_case: str) -> float:
    """Quality from 0 to 100 for the use case; −1 where no score is published."""
    value = quality_of(model, use_case).value
    return -1.0 if value is None else value


def suggested(scene: Scene) -> list[tuple[Scene, Worked]]:
    """The best models that fit, those that carry what was stated first; empty where none fits.

    Where none of the best carries it, smaller ones are looked at too.
    """
    use_case = scene.question.specification.use_case
    looked_at: list[tuple[Scene, Worked]] = []
    for model in sorted(scene.catalog.models, key=lambda m: quality(m, use_case), reverse=True):
        mine = scene.with_subject(of_catalog(model))
        forms = formats_of(mine.subject, mine.hardware.gpu, mine.wishes.precision)
        published = tuple(form for form in forms if form.checkpoint and form.problem is None)
        if published and fits_on(mine, published, mine.count):
            looked_at.append((mine, work_out(mine)))
        enough = any(worked.best.holds for _, worked in looked_at)
        if len(looked_at) >= (LOOKED_AT if enough else MOST_LOOKED_AT):
            break
    looked_at.sort(key=lambda entry: not entry[1].best.holds)
    return looked_at


def as_suggestion(scene: Scene, worked: Worked) -> Suggestion:
    """One model in a line."""
    best = worked.best
    assert scene.subject.model and best.full_load  # of the catalog, and it fits
    point = best.full_load if scene.question.load.form == "none" else best.at_load or best.full_load
    value = quality(scene.subject.model, scene.question.specification.use_case)
    return Suggestion(
        model=scene.subject.name,
        precision=best.precision,
        quality=None if value < 0 else value,
        max_concurrent_requests=best.max_concurrent_requests,
        max_context_tokens=best.max_context_tokens,
        output_tokens_per_second=point.output_tokens_per_second,
        holds=best.holds,
    )
