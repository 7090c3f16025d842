"""The model that a capacity question is about, and the formats that its weights come in."""

from dataclasses import dataclass, replace

from compass.capacity import Configuration
from compass.catalog import (
    HOW_KNOWN,
    Architecture,
    Catalog,
    Checkpoint,
    Gpu,
    Model,
    Precision,
    find_model,
    format_problem,
    format_support,
    quantises_all,
    resolve,
    resolve_precision,
    resolve_with_size,
    serving_problem,
)
from compass.core import NotFound
from compass.planning import SEQUENCES, Assumption, Wishes

COMPUTED: tuple[Precision, ...] = ("bf16", "fp8", "int4")
"""Formats that people publish of almost every model; sizes of a model outside the catalog are computed."""
FOUR_BITS: tuple[Precision, ...] = ("int4", "nvfp4")
USUAL_CONTEXT = 8192
"""Tokens of a request that a deployment of any use serves."""
SAME_SIZE = 0.2
"""Models of the catalog that differ by no more than this share stand for "a 7B model"."""
EIGHT_BITS = ("8bit", "8-bit")
BITS = {"8bit": "fp8", "8-bit": "fp8", "4bit": "int4", "4-bit": "int4", "16bit": "bf16", "16-bit": "bf16"}
"""Formats that only say their width; of 8 bits the one that the GPU has tensor cores for."""
COMPUTES_IN_IT: tuple[Precision, ...] = ("fp8", "nvfp4", "int8")
"""Formats that are also arithmetic, where the GPU has it."""


@dataclass(frozen=True)
class Format:
    """Weights in one precision; `weight_gib` is None where it is computed from the parameters."""

    precision: Precision
    checkpoint: str | None
    weight_gib: float | None
    problem: str | None = None
    """Why the engine does not start it on the GPU; None where it does."""
    note: str = ""
    """What to know of it on the GPU."""


@dataclass(frozen=True)
class Subject:
    """A model with its dimensions; `model` is None outside the catalog."""

    name: str
    architecture: Architecture
    parameters_b: float
    active_parameters_b: float
    context_tokens: int | None
    model: Model | None
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[str, ...] = ()
    stands_for_size: bool = False
    """Nobody named this model: weights of any usual format are looked at, published of it or not."""

    @property
    def short(self) -> str:
        """The name without its organisation."""
        return self.name.rsplit("/", 1)[-1]

    def spares(self, precision: Precision) -> bool:
        """Whether a format keeps the model's quality: 8 bits or more, or the format it was made in."""
        made_in = self.model.checkpoints[0].precision if self.model else None
        return precision not in FOUR_BITS or precision == made_in

    def configuration(
        self, form: Format, gpu: Gpu, tensor_parallel: int, pipeline_parallel: int, data_parallel: int = 1
    ) -> Configuration:
        """One replica, with the engine settings that plans assume."""
        return Configuration(
            model=self.name,
            architecture=self.architecture,
            parameters_b=self.parameters_b,
            active_parameters_b=self.active_parameters_b,
            precision=form.precision,
            gpu=gpu,
            tensor_parallel=tensor_parallel,
            pipeline_parallel=pipeline_parallel,
            data_parallel=data_parallel,
            expert_parallel=1 if data_parallel == 1 else tensor_parallel * pipeline_parallel * data_parallel,
            attention_ranks=data_parallel > 1,
            all_linear=quantises_all(form.checkpoint) if form.checkpoint else form.precision == "int4",
            sequences=SEQUENCES,
            weight_gib=form.weight_gib,
        )


def usual_context(subject: Subject) -> int:
    """Tokens of a request that there should be room for where none are stated."""
    return min(subject.context_tokens or USUAL_CONTEXT, USUAL_CONTEXT)


def subject_of(catalog: Catalog, wishes: Wishes) -> Subject | str | None:
    """The model of the wishes, a question about it, or None where neither a model nor a size is named."""
    if wishes.preferred_models:
        name = wishes.preferred_models[0]
        try:
            return named(catalog, name, wishes)
        except NotFound:
            return (
                f'No model called "{name}" is known, and its name tells no size. How many parameters has it '
                "(in billions)? `compass models add config.json` takes its dimensions."
            )
    if wishes.model_parameters_b:
        return of_size(catalog, wishes.model_parameters_b)
    return None


def named(catalog: Catalog, name: str, wishes: Wishes) -> Subject:
    """The model of this name.

    Raises:
        NotFound: neither known nor of a size that its name, or the wish, tells.
    """
    found = resolve_with_size(catalog, name, wishes.model_parameters_b)
    if found.known == "catalog":
        return of_catalog(find_model(catalog, found.name))
    remark = f"{found.name}: {HOW_KNOWN[found.known]}."
    return Subject(
        found.name, found.architecture, found.parameters_b, found.active_parameters_b, None, None,
        remarks=(remark,),
    )  # fmt: skip


def of_catalog(model: Model) -> Subject:
    """A model of the catalog."""
    return Subject(
        model.id, model.architecture, model.parameters_b, model.active_parameters_b, model.context_tokens,
        model,
    )  # fmt: skip


def of_size(catalog: Catalog, billions: float) -> Subject:
    """The newest model of about this size, else the usual dimensions of one."""
    near = [m for m in catalog.models if abs(m.parameters_b / billions - 1) <= SAME_SIZE]
    if near:
        model = max(near, key=lambda m: (-round(abs(m.parameters_b / billions - 1), 1), m.release))
        why = f"stands for a model of {billions:g} billion parameters"
        assumption = Assumption(field="model", value=model.name, why=why)
        return replace(of_catalog(model), assumptions=(assumption,), stands_for_size=True)
    guess = resolve(catalog, f"{billions:g}b")
    return Subject(
        f"a {billions:g}B model", guess.architecture, guess.parameters_b, guess.active_parameters_b, None,
        None, remarks=(f"Dimensions usual for {billions:g} billion parameters, a dense model.",),
    )  # fmt: skip


def formats_of(subject: Subject, gpu: Gpu, stated: str | None) -> tuple[Format, ...]:
    """The formats to look at: the stated one alone, else those that are published and that the GPU runs.

    Raises:
        InvalidInput: the stated format is unknown.
    """
    published = tuple(published_formats(subject, gpu))
    if stated:
        precision = resolve_precision(BITS.get(stated.casefold(), stated), "")
        if stated.casefold() in EIGHT_BITS and not gpu.dense_tflops.fp8:
            precision = "int8"
        mine = tuple(form for form in published if form.precision == precision)
        return mine or (format_on(gpu, precision),)
    return tuple(form for form in published if form.problem is None) or published


def published_formats(subject: Subject, gpu: Gpu) -> list[Format]:
    """Each format once, its first checkpoint."""
    if subject.model is None:
        return [format_on(gpu, precision) for precision in COMPUTED]
    first: dict[Precision, Checkpoint] = {}
    for checkpoint in subject.model.checkpoints:
        first.setdefault(checkpoint.precision, checkpoint)
    published = [format_on(gpu, precision, checkpoint) for precision, checkpoint in first.items()]
    usual = COMPUTED if subject.stands_for_size else ()
    return [*published, *(format_on(gpu, precision) for precision in usual if precision not in first)]


def format_on(gpu: Gpu, precision: Precision, checkpoint: Checkpoint | None = None) -> Format:
    """A format on a GPU, with what keeps the engine from it, or what it does otherwise there."""
    identifier, size = (checkpoint.id, checkpoint.weight_gib) if checkpoint else (None, None)
    support, unlike = format_support(precision, gpu), format_problem(precision, gpu)
    note = f"{gpu.name}: {unlike}." if unlike else ""
    if support is None:
        # Nothing is known of this generation: that is a doubt, and no reason to say no.
        note = f"No source says whether vLLM starts {precision} weights on {gpu.name}."
    elif not unlike and support.runs == "weight_only" and precision in COMPUTES_IN_IT:
        note = f"{gpu.name} keeps {precision} weights small and computes in 16 bits ({support.note})."
    return Format(precision, identifier, size, serving_problem(precision, gpu), note)


def format_remarks(subject: Subject, forms: tuple[Format, ...]) -> list[str]:
    """What to know of formats that are not published, or that the GPU runs in another way."""
    missing = [
        f"The catalog knows no {form.precision} weights of {subject.short}; their size is computed."
        for form in forms
        if subject.model is not None and form.checkpoint is None
    ]
    return [*missing, *(form.note for form in forms if form.note)]
