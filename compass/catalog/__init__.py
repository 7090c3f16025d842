"""Use cases, models, GPUs and prices: data files with sources, and their typed loaders."""

from compass.catalog.benchmark_gpus import resolve_gpu
from compass.catalog.config import architecture_from_config, model_from_config
from compass.catalog.config_precision import precision_from_config
from compass.catalog.data_sheet_gpus import data_sheet_versions, gpu_by_data_sheet
from compass.catalog.find import (
    find_gpu,
    find_provider,
    find_use_case,
    match_gpus,
    price_of,
)
from compass.catalog.format_support import (
    FormatSupport,
    format_problem,
    format_support,
    format_table,
    serving_problem,
)
from compass.catalog.loader import WrongData, load_catalog
from compass.catalog.model_names import (
    Resolved,
    by_minor_version,
    catalog_id,
    find_model,
    match_models,
    resolve,
    stem,
)
from compass.catalog.network_links import NetworkLink, linked_gpus, network_link
from compass.catalog.outside import (
    HOW_KNOWN,
    OUTSIDE,
    gpu_named,
    gpu_of,
    model_of,
    model_outside,
    remarks_on,
    resolve_with_size,
    with_outside,
)
from compass.catalog.overrides import load_price_overrides
from compass.catalog.parameters import (
    BYTES,
    Parameters,
    attention_layers,
    global_attention,
    moe_layers,
    parameters_of,
)
from compass.catalog.reasoning import (
    ReasoningMode,
    ReasoningSwitches,
    ThinkingLength,
    reasoning_mode,
    reasoning_switches,
    stated_thinking,
    thinking_length,
)
from compass.catalog.types import (
    Architecture,
    Catalog,
    Checkpoint,
    Gpu,
    Model,
    Precision,
    Price,
    Pricing,
    Score,
    UseCase,
)
from compass.catalog.unknown_names import unknown_model, unplanned_gpu
from compass.catalog.user_models import OWN, add_own_model, own_models, remove_own_model
from compass.catalog.weight_formats import quantises_all, resolve_precision

__all__ = [
    "BYTES",
    "HOW_KNOWN",
    "OUTSIDE",
    "OWN",
    "Architecture",
    "Catalog",
    "Checkpoint",
    "FormatSupport",
    "Gpu",
    "Model",
    "NetworkLink",
    "Parameters",
    "Precision",
    "Price",
    "Pricing",
    "ReasoningMode",
    "ReasoningSwitches",
    "Resolved",
    "Score",
    "ThinkingLength",
    "UseCase",
    "WrongData",
    "add_own_model",
    "architecture_from_config",
    "attention_layers",
    "by_minor_version",
    "catalog_id",
    "data_sheet_versions",
    "find_gpu",
    "find_model",
    "find_provider",
    "find_use_case",
    "format_problem",
    "format_support",
    "format_table",
    "global_attention",
    "gpu_by_data_sheet",
    "gpu_named",
    "gpu_of",
    "linked_gpus",
    "load_catalog",
    "load_price_overrides",
    "match_gpus",
    "match_models",
    "model_from_config",
    "model_of",
    "model_outside",
    "moe_layers",
    "network_link",
    "own_models",
    "parameters_of",
    "precision_from_config",
    "price_of",
    "quantises_all",
    "reasoning_mode",
    "reasoning_switches",
    "remarks_on",
    "remove_own_model",
    "resolve",
    "resolve_gpu",
    "resolve_precision",
    "resolve_with_size",
    "serving_problem",
    "stated_thinking",
    "stem",
    "thinking_length",
    "unknown_model",
    "unplanned_gpu",
    "with_outside",
]
