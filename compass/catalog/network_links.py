"""What joins machines, where a replica spans several; figures and sources in data/network_links.yaml."""

import functools
from pathlib import Path

from compass.catalog.types import Entry, Gpu
from compass.core import parse_yaml

DATA = Path(__file__).parent / "data" / "network_links.yaml"
RACK_GPUS = 72
"""GPUs of an NVL72 rack, which one NVLink joins."""


class NetworkLink(Entry):
    """The network between machines: bandwidth of one GPU and direction, and latency of a message."""

    gpus: tuple[str, ...]
    name: str
    gb_s: float
    microseconds: float
    source: str


@functools.cache
def network_links() -> tuple[NetworkLink, ...]:
    """Return the data file; the last entry is for all other GPUs."""
    rows = parse_yaml(DATA.read_text(encoding="utf-8"))
    return tuple(NetworkLink(**row) for row in rows)


@functools.cache
def network_link(gpu: str) -> NetworkLink:
    """Return what usually joins machines with GPUs of a name."""
    links = network_links()
    return next((link for link in links if gpu in link.gpus), links[-1])


def linked_gpus(gpu: Gpu) -> int:
    """Return how many GPUs share a link of their own: those of a machine, or of an NVL72 rack."""
    return RACK_GPUS if "72-GPU domain" in gpu.interconnect_kind else gpu.gpus_per_node
