"""The engine of one replica of a planned option: its configuration, its step times, their uncertainty.

Plans, deployments and simulations all take it from here, so that they speak of the same replica.
"""

import numpy as np

from compass.capacity import Configuration, Estimator, LatencyProfile, closed_loop_profile
from compass.catalog import Catalog, gpu_named, model_of
from compass.core import unknown
from compass.planning.candidates import Candidate
from compass.planning.speculative_decoding import profile_with_drafts
from compass.planning.types import Option, Specification
from compass.planning.user_assumptions import profile_as_assumed


def replica_of(
    option: Option, specification: Specification, catalog: Catalog, estimator: Estimator
) -> LatencyProfile:
    """Return the step times of one replica, for the specification's mean prompt and answer lengths.

    Lengths are those of the specification: that of the option's own answers is `as_served`.
    They include the prefix cache hit rate and the speculative decoding that the user assumed.

    Raises:
        NotFound: the catalog lacks the option's model, checkpoint or GPU.
    """
    batch = estimator.compile([replica_configuration(option, catalog)])
    profile = closed_loop_profile(batch, specification.prompt_tokens, specification.output_tokens)
    model = model_of(catalog, option.model, option.precision)
    profile = profile_with_drafts(profile, batch, model, option, specification)
    return profile_as_assumed(profile, specification)


def replica_configuration(option: Option, catalog: Catalog) -> Configuration:
    """Return the configuration of one replica, equal to that of the candidate which the plan searched.

    Raises:
        NotFound: the catalog lacks the option's model, checkpoint or GPU.
    """
    model, gpu = model_of(catalog, option.model, option.precision), gpu_named(catalog, option.gpu)
    for checkpoint in model.checkpoints:
        if (checkpoint.id, checkpoint.precision) == (option.checkpoint, option.precision):
            layout = option.tensor_parallel, option.pipeline_parallel, option.kv_cache
            return Candidate(model, checkpoint, gpu, *layout).configuration
    raise unknown("checkpoint", option.checkpoint, [checkpoint.id for checkpoint in model.checkpoints])


def replica_log_spreads(
    option: Option, specification: Specification, catalog: Catalog, estimator: Estimator
) -> tuple[float, float]:
    """Return the half widths (natural logarithm) of the 80 % intervals of TTFT and ITL at the planned load.

    Raises:
        NotFound: the catalog lacks the option's model, checkpoint or GPU.
    """
    prediction = estimator.predict(
        [replica_configuration(option, catalog)],
        np.array([option.concurrency_per_replica]),
        specification.prompt_tokens,
        specification.output_tokens,
    )
    return float(prediction.ttft_log_spread[0, 0]), float(prediction.itl_log_spread[0, 0])
