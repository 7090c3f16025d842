"""Curves of the balanced option: sessions against the size of the cache, ITL with and without drafts."""

from dataclasses import replace

import numpy as np

from compass.planning.latency_targets import targets_ms
from compass.planning.search import FeasibleTable, Search, workload_of
from compass.planning.speculative_decoding import choice_for, context_of
from compass.planning.types import CachePoint, DraftPoint
from compass.speculation import speculated
from compass.traffic import capacity, open_load

CACHE_SHARES = np.array([0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0])
"""Sizes of the KV cache, over the option's own."""
LOADS = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0])


def cache_curve(search: Search, feasible: FeasibleTable, winner: int) -> tuple[CachePoint, ...]:
    """Return hit rate and most sessions of a replica at some sizes of its cache; nothing without sessions."""
    specification = search.specification
    if specification.session is None or specification.session.turns == 1:
        return ()
    one = search.step_times.profiles.take(np.repeat(feasible.row[winner], len(CACHE_SHARES)))
    profiles = replace(one, kv_capacity_tokens=np.floor(one.kv_capacity_tokens * CACHE_SHARES))
    workload = workload_of(specification)
    carried = capacity(profiles, workload, targets_ms(specification), specification.percentile).rate_per_s
    at = open_load(profiles, carried[:, None], workload)
    if at.sessions is None or at.hit_rate is None:
        return ()
    return tuple(
        CachePoint(
            tokens=int(tokens),
            sessions=round(float(sessions), 1),
            prefix_cache_hit_rate=round(float(found), 3),
        )
        for tokens, sessions, found, rate in zip(
            profiles.kv_capacity_tokens, at.sessions[:, 0], at.hit_rate[:, 0], carried, strict=True
        )
        if rate > 0
    )


def draft_curve(search: Search, feasible: FeasibleTable, winner: int) -> tuple[DraftPoint, ...]:
    """Return the time of a token at requests in flight, with and without drafts; nothing without one."""
    specification, space = search.specification, search.space
    candidate = space.candidates[feasible.index[winner]]
    choice = choice_for(candidate.model, specification)
    if choice is None or candidate.pipeline_parallel > 1 or specification.load_form == "batch":
        return ()
    at = feasible.index[winner : winner + 1]
    batch, output = space.compiled.rows(at), float(feasible.output_tokens[winner])
    plain = search.plain.take(feasible.row[winner : winner + 1])
    drafted = speculated(plain, batch, [choice], context_of(specification, output))
    context = context_of(specification, output)
    pairs = []
    for profiles in (plain, drafted):
        steps = np.interp(LOADS, profiles.batch, profiles.decode_ms[0])
        pairs.append(steps + profiles.kv_ms_per_token[0] * LOADS * context)
    most = min(float(plain.kv_capacity_tokens[0]) / context, 1024.0)
    return tuple(
        DraftPoint(in_flight=load, without_ms=round(float(off), 2), with_ms=round(float(on), 2))
        for load, off, on in zip(LOADS.tolist(), *pairs, strict=True)
        if load <= most
    )
