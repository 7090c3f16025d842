"""What one message says in numbers, each number read once: by the most telling reader first."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Items:
    """A number of things, where it stands, and the seconds in which so many come, None for all of them at once."""

    count: float
    at: int
    period: float | None = None


@dataclass(frozen=True)
class TokenVolume:
    """A number of tokens to be worked through, and where it stands."""

    tokens: float
    at: int
    output_only: bool


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
    thinking_tokens: int | None = None
    context_tokens: int | None = None
    reasoning: bool | None = None
    requests_per_second: float | None = None
    load_period: float | None = None
    """The seconds in which the stated load comes, to read a later bare number alike."""
    window: float | None = None
    """Hours that are a deadline if a job is spoken of."""
    rate_of_each: float | None = None
    """Requests a second of each person."""
    plain_rate: bool = False
    """Whether the rate says nothing of what comes: "500 million a day"."""
    concurrent_requests: int | None = None
    concurrent_sessions: int | None = None
    session_turns: int | None = None
    turn_tokens: int | None = None
    turn_pause_seconds: float | None = None
    shared_prompt_tokens: int | None = None
    own_prompt_tokens: int | None = None
    """What comes after the shared part of a prompt, where that is said."""
    shared_is_part: bool = False
    """Whether the shared tokens are said to be among those of the prompt."""
    first_answer_ms: float | None = None
    reasoning_effort: str | None = None
    routing: str | None = None
    kv_cache: str | None = None
    host_cache_gib: float | None = None
    speculation: str | None = None
    draft_tokens: int | None = None
    data_parallel: int | None = None
    expert_parallel: bool | None = None
    tokens_per_second: float | None = None
    output_tokens_per_second: float | None = None
    batch_items: int | None = None
    deadline_hours: float | None = None
    jobs_per_month: float | None = None
    active_share: float | None = None
    requests_per_minute: float | None = None
    peak_factor: float | None = None
    prefix_cache_hit_rate: float | None = None
    items: Items | None = None
    """Things to be worked on, before the use tells whether they are a job or a collection."""
    outputs_of_item: float | None = None
    """Outputs that each item has: its answer holds them all."""
    token_volume: TokenVolume | None = None
    """Tokens in all, of no period."""
    bare_budget: int | None = None
    """The place of a budget without a currency."""
    budget_of_each: float | None = None
    """Dollars a month for each user."""
    foreign_money: bool = False
    """Whether an amount in another currency was passed over."""
    budget_usd_per_month: float | None = None
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    """Assumptions: field, value, why."""

    def keep(self, name: str, value: float | str, why: str | None = None) -> None:
        """The first value of a field stays; `why` notes it as an assumption."""
        if getattr(self, name) is None:
            setattr(self, name, value)
            if why:
                self.notes.append((name, f"{value:,.10g}" if isinstance(value, float | int) else value, why))
