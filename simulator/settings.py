"""How one simulated server is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.profile import Profile

VERSION = "0.33.0"
"""Of vLLM, whose API, metrics and scheduling this follows."""


@dataclass(frozen=True)
class Settings:
    """Everything the server was told."""

    profile: Profile
    model: str
    """Repository or path, the `root` of /v1/models."""
    served_names: tuple[str, ...]
    replicas: int = 1
    seed: int = 0
    output_tokens: int = 128
    """Length of an answer whose request names none."""
    max_queued: int | None = None
    api_key: str | None = None
    failure_rate: float = 0.0
    """Percent of requests that fail on purpose."""
    failure_kinds: tuple[str, ...] = ()
    buckets: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Bounds that replace those of a family of histograms: see `metrics.FAMILIES`."""

    @property
    def name(self) -> str:
        """The first served name: the one in answers and metrics."""
        return self.served_names[0]
