"""Prices of GPUs: offers of the price list, owned hardware, and the break-even against an API."""

from dataclasses import dataclass

from compass.catalog import Catalog
from compass.core import InvalidInput
from compass.planning.types import Specification

HOURS_PER_MONTH = 730
# Providers that rent instances of a fixed size; the others rent single GPUs of a larger one.
INSTANCE_PROVIDERS = {"aws", "gcp", "azure", "oracle"}
# Instances of private persons: not offered for production unless the provider is asked for by name.
UNLISTED_USD = 1.0
"""What a GPU-hour without a listed price counts in the ranking; never shown."""
NOT_FOR_PRODUCTION = "community"


@dataclass(frozen=True)
class Offer:
    """A price of a GPU-hour; GPUs are rented in multiples of `gpus_per_instance`."""

    usd_per_gpu_hour: float
    gpus_per_instance: int
    gpus_connected: int
    """The most GPUs that one replica can span."""
    source: str
    listed: bool = True
    """False where no price is listed and the figure only ranks."""


def offers_of(catalog: Catalog, gpu: str, specification: Specification) -> tuple[Offer, ...]:
    """Return the offers of a GPU that a plan may use; only the user's own price where one was given."""
    node = next(entry.gpus_per_node for entry in catalog.gpus if entry.name == gpu)
    own = specification.gpu_prices.get(gpu)
    if own is not None:
        return (Offer(own, 1, node, "your price"),)
    newest: dict[tuple[str, str], Offer] = {}
    for price in catalog.prices:
        if price.gpu != gpu or price.pricing != specification.pricing:
            continue
        if specification.provider not in (None, price.provider):
            continue
        if NOT_FOR_PRODUCTION in price.instance and specification.provider is None:
            continue
        # A plan must not be won by a remembered figure.
        if not price.verified:
            continue
        whole = price.provider in INSTANCE_PROVIDERS or price.gpus_per_instance > 1
        connected = price.gpus_per_instance if whole else node
        source = f"{price.provider} {price.instance}, {price.pricing}, {price.as_of}"
        # The list is sorted, newest first.
        newest.setdefault(
            (price.provider, price.instance),
            Offer(price.usd_per_gpu_hour, price.gpus_per_instance, connected, source),
        )
    return tuple(newest.values())


def offers_without_prices(
    catalog: Catalog, specification: Specification, offers: dict[str, tuple[Offer, ...]]
) -> dict[str, tuple[Offer, ...]]:
    """Return offers for GPUs that were asked for where no price of any of them is listed.

    Owned GPUs need no price: all cost the same, so that fewer of them rank higher. Empty where a price is
    known, or where a provider was named that does not rent them.
    """
    wanted = specification.preferred_gpu_types
    if specification.provider is not None or any(offers[gpu] for gpu in wanted):
        return {}
    nodes = {gpu.name: gpu.gpus_per_node for gpu in catalog.gpus}
    source = f"no verified {specification.pricing} price is listed"
    return {gpu: (Offer(UNLISTED_USD, 1, nodes[gpu], source, listed=False),) for gpu in wanted}


def own_hardware_usd_per_hour(
    purchase_usd: float, years: float, watts: float, usd_per_kwh: float, overhead: float = 1.4
) -> float:
    """Return US dollars an hour of an owned GPU: purchase over its years, plus power with overhead.

    `overhead` is the power of the data centre over that of its servers.

    Raises:
        InvalidInput: a number that cannot be.
    """
    for name, value in {"purchase_usd": purchase_usd, "years": years}.items():
        if value <= 0:
            raise InvalidInput(name, f"{value:g} cannot be. Give a positive number.")
    for name, value in {"watts": watts, "usd_per_kwh": usd_per_kwh}.items():
        if value < 0:
            raise InvalidInput(name, f"{value:g} cannot be. Give 0 or more.")
    return purchase_usd / (years * 12 * HOURS_PER_MONTH) + watts / 1000 * overhead * usd_per_kwh


def break_even_requests_per_second(
    usd_per_month: float,
    prompt_tokens: float,
    output_tokens: float,
    api_usd_per_million_input: float,
    api_usd_per_million_output: float,
) -> float:
    """Return the mean rate above which a deployment is cheaper than an API at these prices.

    Raises:
        InvalidInput: the API costs nothing.
    """
    per_request = (
        prompt_tokens * api_usd_per_million_input + output_tokens * api_usd_per_million_output
    ) / 1e6
    if per_request <= 0:
        raise InvalidInput("api_usd_per_million_output", "an API that costs nothing is never dearer.")
    return usd_per_month / (per_request * HOURS_PER_MONTH * 3600)
