"""Parses a CSV row into the configuration of one replica and its load."""

from dataclasses import dataclass

from compass.capacity import Configuration, memory_of, shapes_of
from compass.catalog import Catalog, Resolved, quantises_all, resolve, resolve_gpu, resolve_precision
from compass.core import InvalidInput
from compass.estimates.run_conditions import is_published, prompts_in_notes, release_of, with_server_flags


@dataclass(frozen=True)
class EstimateRow:
    """A parsed row: the configuration of one replica and its load."""

    config: Configuration
    resolved: Resolved
    prompt_tokens: float
    output_tokens: float
    concurrency: float | None
    request_rate: float | None
    """Requests a second of one replica."""
    num_prompts: int | None
    row: dict[str, str]


def parse_row(row: dict[str, str], catalog: Catalog) -> EstimateRow:
    """Parse a row into the configuration of one replica and its share of the load.

    Raises:
        CompassError: a value cannot be read; names the field.
    """
    resolved = resolve(catalog, row["model"])
    copies = max(1, whole_number(row, "data_parallel", 1))
    # Published runs count independent copies as data parallel; spread experts share one engine.
    alone = "independent replicas" in (row.get("notes") or "")
    joined = not alone and (whole_number(row, "expert_parallel", 0) > 1 or not is_published(row))
    gpu = resolve_gpu(catalog, row["gpu"])
    # Where only GPUs are counted: tensor parallel within a node, a stage of the pipeline for each node.
    tensor = whole_number(row, "tensor_parallel", 0) or min(
        whole_number(row, "gpus", 1) // copies, gpu.gpus_per_node
    )
    tensor = max(1, tensor)
    pipeline = whole_number(row, "pipeline_parallel", 0) or max(
        1, whole_number(row, "gpus", tensor) // (tensor * copies)
    )
    share = 1 if joined else copies
    concurrency, rate = number(row, "concurrency"), number(row, "request_rate")
    if concurrency is None and rate is None:
        raise InvalidInput("concurrency", "is empty, and so is request_rate. Give one of them.")
    prompts = number(row, "num_prompts") or prompts_in_notes(row)
    return EstimateRow(
        config=with_server_flags(
            Configuration(
                model=resolved.name,
                architecture=resolved.architecture,
                parameters_b=resolved.parameters_b,
                active_parameters_b=resolved.active_parameters_b,
                precision=resolve_precision(row.get("precision", ""), row["model"]),
                gpu=gpu,
                tensor_parallel=tensor,
                pipeline_parallel=pipeline,
                data_parallel=copies if joined else 1,
                all_linear=quantises_all(f"{row['model']} {row.get('precision', '')}"),
                expert_parallel=max(1, whole_number(row, "expert_parallel", 1)),
                engine_version=release_of(row),
            ),
            row,
        ),
        resolved=resolved,
        prompt_tokens=positive(row, "prompt_tokens"),
        output_tokens=positive(row, "output_tokens"),
        concurrency=concurrency / share if concurrency else None,
        request_rate=rate / share if rate else None,
        num_prompts=int(prompts / share) if prompts else None,
        row=row,
    )


def number(row: dict[str, str], name: str) -> float | None:
    """A positive number, None for an empty cell.

    Raises:
        InvalidInput: not a positive number.
    """
    text = (row.get(name) or "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInput(name, f'"{text}" is not a number.') from error
    if not 0 < value < 1e9:
        raise InvalidInput(name, f"{text} cannot be. Give a positive number.")
    return value


def positive(row: dict[str, str], name: str) -> float:
    """A positive number.

    Raises:
        InvalidInput: empty, or not a positive number.
    """
    value = number(row, name)
    if value is None:
        raise InvalidInput(name, "is empty. Give a positive number.")
    return value


def whole_number(row: dict[str, str], name: str, default: int) -> int:
    """A whole number; the default for an empty cell or a word."""
    text = (row.get(name) or "").strip()
    return int(float(text)) if text.replace(".", "", 1).isdigit() else default


def refuse_weights_beyond_memory(line: EstimateRow) -> None:
    """Refuse weights that exceed the GPUs' memory by more than estimates of memory err.

    Raises:
        InvalidInput: says by how much it does not fit.
    """
    needed = float(memory_of(shapes_of([line.config])).weights_gib[0])
    # A tenth of slack: published runs raise gpu-memory-utilization, and weights are right to about 5 %.
    if needed > line.config.gpu.memory_gib * 1.1:
        raise InvalidInput(
            "gpu",
            f"does not fit: {needed:.1f} GiB of weights a GPU, {line.config.gpu.name} has "
            f"{line.config.gpu.memory_gib:.1f}. More GPUs or a smaller precision would.",
        )
