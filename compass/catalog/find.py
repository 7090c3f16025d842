"""Finds GPUs, use cases, providers and prices of the catalog by the names that people use."""

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from compass.catalog.types import Catalog, Gpu, Price, Pricing, UseCase
from compass.catalog.unknown_names import unknown_gpu
from compass.core import unknown

T = TypeVar("T")

# A bare family name means its most rented member.
DEFAULT_GPU = {"a100": "A100-80-SXM", "h100": "H100-SXM", "a100-80": "A100-80-SXM", "a100-40": "A100-40-SXM"}
NOISE = {
    "nvidia",
    "amd",
    "intel",
    "instinct",
    "geforce",
    "tesla",
    "gpu",
    "gpus",
    "gb",
    "instruct",
    "it",
    "chat",
    "hf",
}


@functools.lru_cache(maxsize=8192)
def tokens(name: str) -> tuple[str, ...]:
    """A name in comparable pieces: "A100 80GB" → ("a100", "80")."""
    words = re.findall(r"[a-z]+\d+(?:\.\d+)?[a-z]*|\d+(?:\.\d+)?[a-z]*|[a-z]+", name.lower())
    pieces = [re.sub(r"^(\d+)gb$", r"\1", word) for word in words]
    return tuple(piece for piece in pieces if piece not in NOISE)


def spelled(items: Iterable[T], names_of: Callable[[T], Sequence[str]], name: str) -> list[T]:
    """Items one of whose names is `name`, whatever the case and the separators."""
    wanted = tokens(name)
    return [item for item in items if any(tokens(known) == wanted for known in names_of(item))]


def containing(items: Iterable[T], names_of: Callable[[T], Sequence[str]], name: str) -> list[T]:
    """Items one of whose names holds every piece of `name`."""
    wanted = set(tokens(name))
    if not wanted:
        return []
    return [item for item in items if any(wanted <= set(tokens(known)) for known in names_of(item))]


def run_together(items: Iterable[T], names_of: Callable[[T], Sequence[str]], name: str) -> list[T]:
    """Items whose name begins with `name`, written without separators: "llama3.1 8b", "rtx4090", "phi4"."""
    wanted = "".join(tokens(name))

    def begins(known: str) -> bool:
        pieces = tokens(known.rsplit("/", 1)[-1])
        return any("".join(pieces[:count]) == wanted for count in range(1, len(pieces) + 1))

    return [item for item in items if wanted and any(begins(known) for known in names_of(item))]


def of_version(items: Iterable[T], names_of: Callable[[T], Sequence[str]], name: str) -> list[T]:
    """Items whose name holds every piece of `name`, a bare version standing for its minor ones: 3 for 3.1."""
    wanted = set(tokens(name))
    if not any(len(piece) > 2 and piece.isalpha() for piece in wanted):
        return []

    def holds(known: str) -> bool:
        pieces = tokens(known)
        return all(
            any(own == piece or (piece.isdigit() and own.startswith(f"{piece}.")) for own in pieces)
            for piece in wanted
        )

    return [item for item in items if any(holds(known) for known in names_of(item))]


def gpu_names(gpu: Gpu) -> Sequence[str]:
    """What a GPU is called."""
    return (gpu.name, *gpu.aliases)


def match_gpus(catalog: Catalog, name: str) -> list[Gpu]:
    """All GPUs that a name may mean: "A100" means four; empty for an unknown name."""
    if "-".join(tokens(name)) in DEFAULT_GPU:
        return containing(catalog.gpus, gpu_names, name)
    return (
        spelled(catalog.gpus, gpu_names, name)
        or containing(catalog.gpus, gpu_names, name)
        or run_together(catalog.gpus, gpu_names, name)
    )


def find_gpu(catalog: Catalog, name: str) -> Gpu:
    """One GPU; a bare family name means its most rented member (H100 → H100-SXM, A100 → A100-80-SXM).

    Raises:
        NotFound: names the nearest known ones.
    """
    default = DEFAULT_GPU.get("-".join(tokens(name)))
    found = [gpu for gpu in catalog.gpus if gpu.name == default] or match_gpus(catalog, name)
    if not found:
        raise unknown_gpu(catalog, name)
    return found[0]


def find_use_case(catalog: Catalog, name: str) -> UseCase:
    """Return the use case of this name.

    Raises:
        NotFound: names the nearest known ones.
    """
    for use_case in catalog.use_cases:
        if tokens(name.replace("_", " ")) in (
            tokens(use_case.name.replace("_", " ")),
            tokens(use_case.title),
        ):
            return use_case
    raise unknown("use case", name, [use_case.name for use_case in catalog.use_cases])


# What people call the providers of the price list.
PROVIDER_ALIASES = {
    "amazon": "aws",
    "google": "gcp",
    "google cloud": "gcp",
    "microsoft": "azure",
    "oci": "oracle",
}


def find_provider(catalog: Catalog, name: str) -> str:
    """A provider of the price list, as the list writes it.

    Raises:
        NotFound: names the nearest known ones.
    """
    known = {price.provider.casefold(): price.provider for price in catalog.prices}
    wanted = name.strip().casefold()
    found = known.get(wanted) or known.get(PROVIDER_ALIASES.get(wanted, ""))
    if found is None:
        raise unknown("provider", name, known.values())
    return found


def price_of(
    catalog: Catalog, gpu: str, provider: str | None = None, pricing: Pricing = "on-demand"
) -> Price | None:
    """The cheapest newest price of a GPU, of one provider or of all; None where none is listed.

    Verified prices win over remembered ones; where a provider lists an instance twice, the newest counts.
    """
    newest: dict[tuple[str, str, str, str], Price] = {}
    for price in catalog.prices:
        if price.gpu == gpu and price.pricing == pricing and provider in (None, price.provider):
            newest.setdefault((price.provider, price.instance, price.region, price.term), price)
    if not newest:
        return None
    best = max(price.verified for price in newest.values())
    return min((p for p in newest.values() if p.verified == best), key=lambda p: p.usd_per_gpu_hour)
