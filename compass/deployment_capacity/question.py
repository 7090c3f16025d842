"""Load, lengths and targets of a capacity question, from what was said and what the use case assumes."""

from dataclasses import dataclass
from typing import Literal

from compass.catalog import Catalog, UseCase, find_use_case
from compass.core import duration, number
from compass.deployment_capacity.types import LoadForm, StatedLoad, TargetLimit
from compass.planning import Assumption, Specification, Wishes, specify

ALL_AT_ONCE = 64
"""Up to so many people are taken as requests at the same moment: the worst case."""
OF_USERS = ("active_share", "requests_per_minute", "peak_factor")
FOR_DEMAND = (
    "use_case", "experience_class", "user_count", "active_share", "requests_per_minute", "peak_factor",
    "requests_per_second", "percentile", "no_targets", "prompt_tokens", "output_tokens",
    "prefix_cache_hit_rate", "concurrent_sessions",
)  # fmt: skip
"""Wishes that set load, lengths and usual targets."""
Name = Literal["TTFT", "ITL", "E2E"]
TARGETS: tuple[tuple[Name, str, str], ...] = (
    ("TTFT", "ttft_ms", "ttft_p95_ms"),
    ("ITL", "itl_ms", "itl_p95_ms"),
    ("E2E", "e2e_ms", "e2e_p95_ms"),
)


@dataclass(frozen=True)
class CapacityQuestion:
    """The load and what must hold; exactly one of `concurrent` and `rate` is set, or none."""

    load: StatedLoad
    concurrent: float | None
    rate: float | None
    items: int | None
    deadline_hours: float | None
    context_tokens: int | None
    """Only where it was stated."""
    targets: tuple[TargetLimit, ...]
    cached_share: float
    specification: Specification
    assumptions: tuple[Assumption, ...]
    remarks: tuple[str, ...]

    @property
    def stated_targets(self) -> tuple[TargetLimit, ...]:
        """The targets that were said."""
        return tuple(target for target in self.targets if target.stated)

    @property
    def is_batch(self) -> bool:
        """True for a job that nobody waits for."""
        return self.items is not None


def question_of(catalog: Catalog, wishes: Wishes) -> CapacityQuestion:
    """Load, lengths and targets of these wishes.

    Raises:
        InvalidInput: a number that cannot be; names the field.
        NotFound: an unknown use case or class; names the nearest.
    """
    wishes.check_limits()
    notes: list[Assumption] = []
    use_case = find_use_case(catalog, wishes.use_case or "chatbot_conversational")
    if not wishes.use_case:
        why = "not said; lengths and usual targets are those of a chatbot"
        notes.append(Assumption(field="use_case", value=use_case.name, why=why))
    prompt, output = lengths(use_case, wishes, notes)
    demand = specify(catalog, Wishes(**{name: getattr(wishes, name) for name in FOR_DEMAND}))
    form, concurrent, rate, words = load_of(wishes, demand, prompt, output, notes)
    return CapacityQuestion(
        load=StatedLoad(
            form=form,
            words=words,
            prompt_tokens=prompt,
            output_tokens=output,
            context_tokens=wishes.context_tokens or prompt + output,
            requests_per_second=rate,
        ),
        concurrent=concurrent,
        rate=rate,
        items=wishes.batch_items,
        deadline_hours=wishes.deadline_hours,
        context_tokens=wishes.context_tokens,
        targets=targets_of(wishes, demand, is_batch=form == "batch"),
        cached_share=demand.prefix_cache_hit_rate,
        specification=demand,
        assumptions=tuple(notes),
        remarks=tuple(left_out(wishes)),
    )


def lengths(use_case: UseCase, wishes: Wishes, notes: list[Assumption]) -> tuple[int, int]:
    """Tokens of prompt and output; usual ones are cut to a stated context that is shorter."""
    output = (wishes.output_tokens or use_case.output_tokens) + (wishes.thinking_tokens or 0)
    prompt = wishes.prompt_tokens or use_case.prompt_tokens
    why = f"usual for {use_case.title}"
    if wishes.context_tokens and prompt + output > wishes.context_tokens:
        why = "what the stated context leaves room for"
        if not wishes.output_tokens:
            output = min(output, max(1, wishes.context_tokens // 8))
        if not wishes.prompt_tokens:
            prompt = max(1, wishes.context_tokens - output)
    for field, said, value in (
        ("prompt_tokens", wishes.prompt_tokens, prompt),
        ("output_tokens", wishes.output_tokens, output),
    ):
        if said is None:
            notes.append(Assumption(field=field, value=f"{value}", why=why))
    return prompt, output


def load_of(
    wishes: Wishes, demand: Specification, prompt: int, output: int, notes: list[Assumption]
) -> tuple[LoadForm, float | None, float | None, str]:
    """Form of the load, requests in flight or requests a second, and the load in words."""
    if wishes.batch_items:
        window = f" in {duration(wishes.deadline_hours)}" if wishes.deadline_hours else ""
        at_once = float(wishes.concurrent_requests) if wishes.concurrent_requests else None
        return "batch", at_once, None, f"{wishes.batch_items:,} requests{window}"
    if wishes.concurrent_sessions:
        why = "every session is taken to wait for an answer at the same moment"
        notes.append(Assumption(field="concurrent_requests", value=f"{wishes.concurrent_sessions}", why=why))
        return "sessions", float(wishes.concurrent_sessions), None, f"{wishes.concurrent_sessions:,} sessions"
    if wishes.concurrent_requests:
        count = float(wishes.concurrent_requests)
        return "concurrent", count, None, f"{wishes.concurrent_requests:,} requests at once"
    if wishes.requests_per_second:
        rate = wishes.requests_per_second
        return "rate", None, rate, f"{number(rate)} requests/s"
    if wishes.tokens_per_second:
        rate = wishes.tokens_per_second / (prompt + output)
        sum_ = f"{number(wishes.tokens_per_second)} tokens/s ÷ ({prompt:,} + {output:,})"
        return "rate", None, rate, f"{number(rate)} requests/s = {sum_}"
    if wishes.output_tokens_per_second:
        rate = wishes.output_tokens_per_second / output
        sum_ = f"{number(wishes.output_tokens_per_second)} output tokens/s ÷ {output:,}"
        return "rate", None, rate, f"{number(rate)} requests/s = {sum_}"
    if wishes.user_count and wishes.user_count <= ALL_AT_ONCE:
        why = f"all {wishes.user_count} users at the same moment, the worst case"
        notes.append(Assumption(field="concurrent_requests", value=f"{wishes.user_count}", why=why))
        return "users", float(wishes.user_count), None, f"{wishes.user_count:,} users, all at once"
    if wishes.user_count:
        notes += [assumption for assumption in demand.assumptions if assumption.field in OF_USERS]
        return "users", None, demand.peak_requests_per_second, demand.load_arithmetic
    return "none", None, None, "no load was stated"


def targets_of(wishes: Wishes, demand: Specification, is_batch: bool) -> tuple[TargetLimit, ...]:
    """The stated targets; where none is, those usual for the use case, which a batch job has none of."""
    stated = [
        TargetLimit(name=name, milliseconds=value, stated=True)
        for name, field, _ in TARGETS
        if (value := getattr(wishes, field)) is not None
    ]
    if stated or is_batch or wishes.experience_class == "batch":
        return tuple(stated)
    usual = [(name, getattr(demand, field)) for name, _, field in TARGETS]
    return tuple(TargetLimit(name=name, milliseconds=ms, stated=False) for name, ms in usual if ms)


def left_out(wishes: Wishes) -> list[str]:
    """What the answer does not take into account."""
    found = []
    if wishes.concurrent_sessions:
        found.append(
            "Sessions: computed is the KV cache that all of them hold at once. Think time, tools and growing "
            "contexts are not taken into account, nor prompt tokens that they share."
        )
    if wishes.reasoning and not wishes.thinking_tokens:
        found.append("Reasoning: tokens of thinking are not taken into account; say how many there are.")
    if wishes.thinking_tokens:
        found.append("Thinking tokens count as output; the first answer token comes after them.")
    if wishes.engine and wishes.engine.casefold() != "vllm":
        found.append(f"Compass models vLLM; nothing here is specific to {wishes.engine}.")
    return found
