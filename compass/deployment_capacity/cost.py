"""What GPUs of a count cost a month: the user's own price, else the cheapest listed offer."""

import math
from dataclasses import dataclass

from compass.catalog import Catalog, Gpu, find_provider
from compass.core import NotFound
from compass.planning import HOURS_PER_MONTH, Specification, Wishes, offers_of, read_gpu_prices


@dataclass(frozen=True)
class MonthlyCost:
    """US dollars a month of all GPUs; None where no price is listed."""

    usd: float | None
    source: str = ""

    @property
    def usd_per_hour(self) -> float | None:
        """Of all GPUs."""
        return None if self.usd is None else self.usd / HOURS_PER_MONTH


def monthly_cost(
    catalog: Catalog, gpu: Gpu, in_catalog: bool, count: int, wishes: Wishes, demand: Specification
) -> MonthlyCost:
    """The cheapest offer of so many GPUs; whole machines where a provider rents only those.

    Raises:
        InvalidInput: a price of one's own that cannot be.
    """
    if not in_catalog:
        return MonthlyCost(None)
    update = {
        "gpu_prices": read_gpu_prices(catalog, wishes.gpu_prices),
        "pricing": wishes.pricing or "on-demand",
        "provider": known_provider(catalog, wishes.provider),
    }
    offers = offers_of(catalog, gpu.name, demand.model_copy(update=update))
    priced = [
        (math.ceil(count / o.gpus_per_instance) * o.gpus_per_instance * o.usd_per_gpu_hour, o.source)
        for o in offers
    ]
    if not priced:
        return MonthlyCost(None)
    hour, source = min(priced)
    return MonthlyCost(round(hour * HOURS_PER_MONTH, 2), source)


def known_provider(catalog: Catalog, name: str | None) -> str | None:
    """The provider as the price list writes it; None, all of them, where it lists none of that name."""
    try:
        return find_provider(catalog, name) if name else None
    except NotFound:
        return None
