"""What one message says in numbers, each number read once: by the most telling reader first."""

from dataclasses import dataclass, field


@dataclass
class Quantities:
    """Values of one message; None where it says nothing."""

    user_count: int | None = None
    ttft_ms: float | None = None
    itl_ms: float | None = None
    e2e_ms: float | None = None
    plain_ms: float | None = None
    """A latency of which the message does not say what it is of; also stored as TTFT or E2E."""
    percentile: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    requests_per_second: float | None = None
    budget_usd_per_month: float | None = None
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    """Assumptions: field, value, why."""

    def keep(self, name: str, value: float | str) -> None:
        """The first value of a field stays."""
        if getattr(self, name) is None:
            setattr(self, name, value)
