"""What takes most of a decode step: weights, arithmetic, the cache, or the rest."""

import numpy as np

from compass.capacity import CompiledBatch
from compass.deployment_capacity.types import Bottleneck


def bottleneck_of(batch: CompiledBatch, row: int, in_flight: float, context: float) -> Bottleneck:
    """The largest part of one replica's decode step at so many requests of a mean context (tokens)."""
    c = batch.rows(np.array([row])).coefficients
    resident = max(in_flight / float(c.stages[0, 0]), min(in_flight, 1.0))
    local = resident / float(c.ranks[0, 0])
    touched = -float(np.expm1(resident * c.expert_miss[0, 0]))
    seen = min(context, float(c.window[0, 0]))
    weights = float(c.dense_weights[0, 0]) + float(c.expert_weights[0, 0]) * touched
    arithmetic = float(c.dense_compute[0, 0]) * local + float(c.expert_compute[0, 0]) * resident
    cache = local * float(c.kv_full[0, 0] * context + c.kv_window[0, 0] * seen + c.state[0, 0])
    rest = local * float(c.reduce_small[0, 0]) + float(c.fixed[0, 0])
    parts: dict[str, float] = {
        "reading weights": weights,
        "arithmetic": arithmetic,
        "reading the KV cache": cache,
        "overhead and links between GPUs": rest,
    }
    part = max(parts, key=lambda name: parts[name])
    return Bottleneck(part=part, share=round(parts[part] / sum(parts.values()), 2))
