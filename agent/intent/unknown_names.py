"""Named GPUs and models that the catalog does not hold: nothing takes their place in silence."""

from collections.abc import Mapping
from typing import Any

from compass.catalog import load_catalog, match_gpus, match_models


def unknown_names(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Of wanted and excluded GPUs and wanted models those that planning cannot resolve, in their order."""
    catalog = load_catalog()
    gpus = (*(values.get("preferred_gpu_types") or ()), *(values.get("excluded_gpu_types") or ()))
    unknown = [name for name in gpus if not match_gpus(catalog, name)]
    models = values.get("preferred_models") or ()
    return tuple(dict.fromkeys([*unknown, *(name for name in models if not match_models(catalog, name))]))
