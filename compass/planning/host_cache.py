"""Host memory behind the KV cache of a replica: how many tokens it holds, and how quickly they come back."""

import numpy as np

from compass.capacity import Estimator
from compass.catalog import Catalog, Gpu, gpu_named
from compass.planning.replica import replica_configuration
from compass.planning.types import Option, Specification
from compass.sessions import HostTier

PCIE5_GB_S, PCIE4_GB_S = 48.0, 24.0
"""What a GPU reads from host memory, three quarters of the peak of 16 lanes: our judgement."""
PCIE5 = {"Hopper", "Blackwell", "CDNA3", "CDNA4"}
"""Architectures whose GPUs have the fifth generation, by their first word."""


def host_link_gb_s(gpu: Gpu) -> float:
    """Return how fast one GPU reads from host memory."""
    first = gpu.architecture.replace(" ", "").upper()
    return PCIE5_GB_S if any(first.startswith(name.upper()) for name in PCIE5) else PCIE4_GB_S


def host_tier(
    option: Option, specification: Specification, catalog: Catalog, estimator: Estimator
) -> HostTier | None:
    """Return the host memory that was asked for, of one replica; None where nobody did.

    Raises:
        NotFound: the catalog lacks the option's model, checkpoint or GPU.
    """
    if specification.host_cache_gib is None:
        return None
    memory = estimator.compile([replica_configuration(option, catalog)]).memory
    per_token = float(np.asarray(memory.kv_bytes_per_token)[0]) * (0.5 if option.kv_cache == "fp8" else 1.0)
    link = host_link_gb_s(gpu_named(catalog, option.gpu)) * 1e6 * option.tensor_parallel
    return HostTier(
        tokens=int(specification.host_cache_gib * 2**30 / per_token), ms_per_token=per_token / link
    )
