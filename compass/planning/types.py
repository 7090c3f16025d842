"""Value objects of planning: specification, options, plan and their parts."""

from typing import Any, Literal

from pydantic import Field

from compass.catalog import Precision, Pricing
from compass.core import (
    Evidence,
    Frozen,
    Interval,
    Percentile,
    brief_of,
    chance,
    counted,
    duration,
    exact_milliseconds,
    latency,
    money,
    money_per,
    number,
)
from compass.planning.wishes import Availability, Effort, KvCache, Priority, Routing, Speculation, Wishes
from compass.traffic import SessionShape

View = Literal["balanced", "best_accuracy", "lowest_cost", "lowest_latency", "simplest"]
Arrivals = Literal["poisson", "bursts", "diurnal"]
LoadForm = Literal["rate", "in_flight", "sessions", "batch"]
"""Requests that come by themselves, a constant number of them in flight or of sessions open, or a job."""
RejectionKind = Literal[
    "gpu_not_preferred", "gpu_excluded", "no_price", "model_not_preferred", "context", "reasoning", "quality",
    "precision", "tensor_parallel", "memory", "ttft", "itl", "e2e", "first_answer", "kv_cache", "no_machine",
    "gpu_count", "budget",
    "dearer", "weaker_model", "less_likely", "less_margin", "more_gpus",
]  # fmt: skip
"""The constraint that a rejected configuration breaks first; the last five hold every target and lost."""
OneFewer = Literal["last_replica", "overloaded", "breaks", "n+1", "headroom", "late"]
"""With one replica fewer: none is left, demand is far above capacity, a target breaks, or the targets still
hold, and the replica is there for n+1 or is the headroom at peak; a batch job would be late."""
TippingKind = Literal["next_replica", "load_above", "load_below", "gpu_price"]


class Assumption(Frozen):
    """Something that the user did not say, with the value taken and why."""

    field: str
    value: str
    why: str


class Specification(Frozen):
    """What must hold: targets in milliseconds at `percentile`, load in requests a second."""

    specification_id: str = ""
    use_case: str
    experience_class: str
    user_count: int | None = None
    ttft_p95_ms: float | None
    """None where there is no target; likewise the two that follow."""
    itl_p95_ms: float | None
    e2e_p95_ms: float | None
    first_answer_p95_ms: float | None = None
    """First token of the answer, after any reasoning; no target unless stated."""
    percentile: Percentile = "p95"
    prompt_tokens: int
    output_tokens: int
    """All that a request generates, reasoning with it."""
    thinking_tokens: int = 0
    """Of the output tokens those before the answer."""
    thinking_cv: float = 0.0
    """Standard deviation over mean of those."""
    reasoning_effort: Effort | None = None
    shared_prompt_tokens: int = 0
    """Of the prompt those that every request begins with: they are computed and kept once."""
    context_tokens: int | None = None
    """Window that must be served; None where it follows from prompt and answer."""
    load_form: LoadForm = "rate"
    concurrent_requests: int | None = None
    """Requests in flight of a closed loop, over all replicas."""
    concurrent_sessions: int | None = None
    """Sessions open at once, over all replicas."""
    session: SessionShape | None = None
    """Where requests are turns of sessions, or their prompts begin alike."""
    batch_items: int | None = None
    deadline_hours: float | None = None
    jobs_per_month: float = 1.0
    """Of a batch job, likewise the two above."""
    peak_requests_per_second: float
    mean_requests_per_second: float
    concurrent_users: float | None = None
    arrivals: Arrivals = "poisson"
    burst_size: float = 1.0
    load_arithmetic: str = ""
    """The peak rate as a sum a person can check: "5,000 users × 20 % active × 0.4 a minute ÷ 60 × 2.0"."""
    wishes: Wishes = Wishes()
    """What the user said; a what-if starts from it, and what it leaves unsaid is assumed."""
    domain_specialization: str | None = None
    preferred_gpu_types: tuple[str, ...] = ()
    excluded_gpu_types: tuple[str, ...] = ()
    preferred_models: tuple[str, ...] = ()
    gpu_count: int | None = None
    """GPUs of all replicas together, at most."""
    model_parameters_b: float | None = None
    precision: Precision | None = None
    tensor_parallel: int | None = None
    pipeline_parallel: int | None = None
    data_parallel: int | None = None
    expert_parallel: bool | None = None
    node_count: int | None = None
    gpus_per_node: int | None = None
    routing: Routing | None = None
    """How requests find a replica, where sessions come again; None where it makes no difference."""
    kv_cache: KvCache | None = None
    host_cache_gib: float | None = None
    """Host memory of a replica for the KV cache of idle sessions."""
    speculation: Speculation | None = None
    draft_tokens: int | None = None
    reasoning: bool | None = None
    """Whether answers with reasoning are wanted; None where it was not said."""
    accuracy_priority: Priority = "medium"
    cost_priority: Priority = "medium"
    latency_priority: Priority = "medium"
    budget_usd_per_month: float | None = None
    availability: Availability = "none"
    provider: str | None = None
    pricing: Pricing = "on-demand"
    gpu_prices: dict[str, float] = Field(default_factory=dict)
    """US dollars per GPU-hour that the user gave, by GPU name: they win over the price list."""
    prefix_cache_hit_rate: float = 0.0
    speculative_speedup: float = 1.0
    """Tokens that a decode step yields with speculative decoding; 1 without it."""
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[str, ...] = ()
    """Sentences that the user should read: a target outside the published range, a contradiction."""
    gave_way: str | None = None
    """The remark on assumed targets that gave way, where some did."""

    @property
    def is_closed(self) -> bool:
        """Whether a constant number of requests or sessions is there, and the rate follows from it."""
        return self.load_form in ("in_flight", "sessions")

    @property
    def stated(self) -> frozenset[str]:
        """Names of the wishes that the user said; the others are assumed."""
        return frozenset(self.wishes.stated())

    def brief(self) -> str:
        """The specification for a language model."""
        users = f"{counted(self.user_count, 'user')} · " if self.user_count else ""
        named = (("TTFT", self.ttft_p95_ms), ("ITL", self.itl_p95_ms), ("E2E", self.e2e_p95_ms))
        limits = ", ".join(f"{name} ≤ {exact_milliseconds(ms)}" for name, ms in named if ms is not None)
        lines = [
            f"{self.specification_id} · {self.use_case} · {users}{self.percentile} targets: "
            f"{limits or 'none'}",
            f"load: {self.load_arithmetic} · {self.prompt_tokens} → {self.output_tokens} tokens",
        ]
        if self.assumptions:
            lines.append(
                "assumed: " + "; ".join(f"{a.field} = {a.value} ({a.why})" for a in self.assumptions)
            )
        return "\n".join([*lines, *self.remarks])


class CapacityPoint(Frozen):
    """One replica at one load: a point of its capacity curve."""

    requests_per_second: float
    concurrency: float
    ttft_p95_ms: float
    itl_p95_ms: float
    e2e_p95_ms: float
    holds: bool


class CachePoint(Frozen):
    """What one replica carries of the planned sessions with a KV cache of so many tokens."""

    tokens: int
    sessions: float
    prefix_cache_hit_rate: float


class DraftPoint(Frozen):
    """Time of a token in a replica, prompts apart, with and without speculative decoding, in ms."""

    in_flight: float
    without_ms: float
    with_ms: float


class Simulated(Frozen):
    """Latencies in ms of one replica at its share of the peak, by discrete-event simulation."""

    requests: int
    ttft_ms: float
    itl_ms: float
    e2e_ms: float
    first_answer_ms: float | None = None
    """All four at the specification's percentile; the last None in a plan that was stored without it."""
    hours: float | None = None
    """That a batch job takes, None of any other load."""
    prefix_cache_hit_rate: float | None = None
    """Share of prompt tokens found in the prefix cache; None without sessions."""
    host_share: float | None = None
    """Of prompt tokens those that came back from host memory; None without one."""
    holds: bool
    broken: tuple[str, ...] = ()
    one_fewer: str
    """What one replica fewer would do: the target that breaks, or what the spare is for."""
    one_fewer_kind: OneFewer | None = None
    """The same as a word; None in a plan that was stored without it."""


class Chances(Frozen):
    """Monte Carlo: how likely the targets hold when demand and the capacity model may both be off."""

    draws: int
    seed: int
    all_targets: float
    ttft: float
    itl: float
    e2e: float
    replicas_for: dict[str, int]
    """The fewest replicas for a chance of "90", "95", "99" %; missing where four times as many do not do."""
    peak_spread: float
    """Half width (log) of the 80 % interval that the peak rate was given; likewise the lengths."""
    length_spread: float


class OptionSpeculation(Frozen):
    """Speculative decoding of an option, as planned and as its manifest sets it."""

    method: Literal["mtp", "eagle3", "draft-model", "ngram"]
    draft_tokens: int
    """Drafted a step."""
    draft_checkpoint: str | None = None
    """Weights of the draft; None where the model has its own, or none are needed."""
    accepted_tokens: float
    """Tokens that a step yields on average, the model's own one with them."""
    source: str
    pays_up_to: float | None = None
    """Requests in flight of a replica above which a token takes longer than without; None: at any number."""


class Option(Frozen):
    """A configuration with its replicas, predictions at the planned load and cost."""

    option_id: str = ""
    plan_id: str = ""
    views: tuple[View, ...] = ()
    model: str
    checkpoint: str
    precision: Precision
    gpu: str
    tensor_parallel: int
    pipeline_parallel: int = 1
    data_parallel: int = 1
    """Copies of the attention layers in a replica; experts are spread over all its GPUs with it."""
    expert_parallel: bool = False
    """Whether each GPU holds whole experts; else each holds a part of every expert."""
    nodes_per_replica: int = 1
    prefix_cache_hit_rate: float | None = None
    """Share of prompt tokens found in the prefix cache, derived; None where nothing is shared."""
    sessions_per_replica: float | None = None
    """At the planned load; None where requests are not turns of sessions."""
    kv_cache: KvCache = "bf16"
    speculation: OptionSpeculation | None = None
    reasoning: bool = False
    """Whether the model reasons before it answers, as planned and as its manifest sets it."""
    thinking_tokens: int = 0
    """Mean tokens before the answer; likewise the whole below."""
    thinking_cv: float = 0.0
    """Standard deviation over mean of those."""
    output_tokens: int | None = None
    """All that a request generates; None in a plan that was stored without it."""
    replicas: int
    gpus: int
    gpus_billed: int
    """≥ gpus: whole instances where the provider rents only those."""
    concurrency_per_replica: float
    capacity_requests_per_second: float
    """Of one replica: the highest rate that holds every target."""
    utilization: float
    """Peak rate / (capacity × replicas)."""
    replica_arithmetic: str
    binding_constraint: str
    ttft_p95_ms: Interval
    itl_p95_ms: Interval
    e2e_p95_ms: Interval
    first_answer_p95_ms: Interval | None = None
    """First token of the answer; None where nothing is generated before it."""
    slo_probability: float
    replicas_for: dict[str, int] = Field(default_factory=dict)
    """Replicas for a probability of "90", "95", "99" %."""
    evidence: Evidence
    requests_per_second: float | None = None
    """Of all replicas at the planned load; in a closed loop what their answers make of it. None in a plan
    that was stored without it."""
    hours: float | None = None
    """Of a batch job, None of any other load; likewise the four that follow."""
    gpu_hours: float | None = None
    usd_per_job: float | None = None
    usd_per_job_on_demand: float | None = None
    usd_per_job_spot: float | None = None
    usd_per_gpu_hour: float | None
    """None where no price is listed; likewise all that follow in US dollars."""
    price_source: str
    usd_per_hour: float | None
    usd_per_month: float | None
    """Of a batch job all its runs of a month, of one that is run once that run."""
    usd_per_million_output_tokens: float | None
    usd_per_million_input_tokens: float | None
    usd_per_million_output_tokens_full_load: float | None
    cost_arithmetic: str
    quality: float | None
    """0 to 100 for the use case; None where no score is published."""
    quality_note: str
    score: float
    why: str
    pareto: bool = False
    curve: tuple[CapacityPoint, ...] = ()
    simulated: Simulated | None = None
    """Missing in the Pareto front, which is not simulated; likewise `chances`."""
    chances: Chances | None = None

    def line(self) -> str:
        """The option in one line, for a language model."""
        views = ", ".join(self.views) or "also"
        return (
            f"{self.option_id} [{views}]: {self.model.rsplit('/', 1)[-1]} {self.precision}, "
            f"{self.replicas} × {self.gpus // self.replicas} × {self.gpu}{self.over_nodes}, "
            f"{self.cost_and_speed()} "
            f"({self.evidence.kind}), "
            f"quality {'not published' if self.quality is None else f'{self.quality:g}'}"
        )

    @property
    def over_nodes(self) -> str:
        """That a replica spans machines, in words; empty where it does not."""
        return f" over {self.nodes_per_replica} nodes" if self.nodes_per_replica > 1 else ""

    def cost_and_speed(self) -> str:
        """Cost, speed and chance for a language model: of a job its hours and dollars, else a month's."""
        if self.hours is not None:
            spot = (
                "no spot price" if self.usd_per_job_spot is None else f"{money(self.usd_per_job_spot)} spot"
            )
            return (
                f"{money_per(self.usd_per_job, 'a job')} ({spot}), {duration(self.hours)}, "
                f"{number(self.gpu_hours or 0)} GPU-hours, in time {chance(self.slo_probability)}"
            )
        figures = ", ".join(f"{name} {latency(value)}" for name, value in self.latencies)
        month = money_per(self.usd_per_month, "a month")
        return f"{month}, {figures}, holds {chance(self.slo_probability)}"

    @property
    def latencies(self) -> tuple[tuple[str, Interval], ...]:
        """The predicted latencies at peak by their names, in ms."""
        first = self.first_answer_p95_ms
        return (
            ("TTFT", self.ttft_p95_ms),
            *((("first answer token", first),) if first else ()),
            ("ITL", self.itl_p95_ms),
            ("E2E", self.e2e_p95_ms),
        )


class Rejection(Frozen):
    """Configurations that lost for the same reason."""

    kind: RejectionKind | None = None
    """None in a plan that was stored without it."""
    reason: str
    count: int
    examples: tuple[str, ...]


class Relaxation(Frozen):
    """The nearest change of the request that makes a plan possible (or cheaper), with its price."""

    change: str
    field: str
    value: str
    option: str
    usd_per_month: float | None
    """None where no price is listed."""


class TippingPoint(Frozen):
    """A load or a price at which the balanced option changes."""

    kind: TippingKind | None = None
    """None in a plan that was stored without it."""
    quantity: str
    threshold: float
    unit: str
    then: str


class QuestionAnswer(Frozen):
    """One answer to the clarifying question, and the plan that it leads to."""

    answer: str
    field: str
    value: str
    then: str
    usd_per_month: float | None = None
    """Of the balanced option then; None where nothing holds."""
    same_option: bool = False
    """Whether that is today's balanced option with as many replicas."""


class ClarifyingQuestion(Frozen):
    """The unstated fact whose answer is worth most, with what each answer would change."""

    text: str
    answers: tuple[QuestionAnswer, ...]


class Difference(Frozen):
    """One field of a plan that differs from its base plan."""

    field: str
    before: str
    after: str


SenseKind = Literal["usd_per_user", "usd_per_million_tokens"]


class SenseCheck(Frozen):
    """A figure of the balanced option that lies far outside of what is usual."""

    kind: SenseKind
    value: float
    low: float
    high: float
    """The usual range."""
    source: str
    driver: str
    """The field that drives the figure, stated or assumed."""
    sentence: str


class AssumptionCost(Frozen):
    """What an assumed target costs: the balanced option's replicas without it."""

    field: str
    replicas: int
    gpus: int
    usd_per_month: float | None
    sentence: str


class Plan(Frozen):
    """A specification, its ranked options, and why the others lost."""

    plan_id: str = ""
    specification: Specification
    options: tuple[Option, ...]
    """Best balanced first; each view's winner carries the view's name."""
    pareto_front: tuple[Option, ...] = ()
    considered: int
    impossible: str | None = None
    """Why there is no option: how many configurations come closest, and what stops them."""
    rejected: tuple[Rejection, ...]
    relaxations: tuple[Relaxation, ...] = ()
    tipping_points: tuple[TippingPoint, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    remarks: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    """Of the remarks those about configurations that people expect and that did not win."""
    sense: tuple[SenseCheck, ...] = ()
    assumption_costs: tuple[AssumptionCost, ...] = ()
    cache_curve: tuple[CachePoint, ...] = ()
    """Of the balanced option, where requests are turns of sessions; the next, where drafts are known."""
    draft_curve: tuple[DraftPoint, ...] = ()
    speculation: str | None = None
    """Whether speculative decoding would pay for the balanced option, which is planned without it."""
    question: ClarifyingQuestion | None = None
    base_plan_id: str | None = None
    differences: tuple[Difference, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    """Dates and hashes of prices, benchmark data and model constants, for a later re-check."""

    def document(self) -> dict[str, Any]:
        """Return the plan as values that JSON knows; only `options` carry their capacity curves."""
        return self.model_dump(mode="json", exclude={"pareto_front": {"__all__": {"curve"}}})

    def brief(self) -> str:
        """The plan for a language model, under about 1,500 tokens."""
        lines = [f"{self.plan_id} · {len(self.options)} options of {self.considered:,} configurations"]
        if self.impossible:
            lines.append(f"not possible: {self.impossible}")
        lines += [option.line() for option in self.options]
        lines += [f"difference: {d.field}: {d.before} → {d.after}" for d in self.differences]
        lines += [
            f"relaxation: {r.change} → {r.option}, {money_per(r.usd_per_month, 'a month')}"
            for r in self.relaxations[:4]
        ]
        if self.question:
            answers = "; ".join(f"{a.answer} → {a.then}" for a in self.question.answers)
            lines.append(f"question: {self.question.text} ({answers})")
        lines += [
            f"changes: {t.quantity} {number(t.threshold)} {t.unit} → {t.then}" for t in self.tipping_points
        ]
        lines += [
            f"rejected: {r.count} × {r.reason}; e.g. {'; '.join(r.examples[:1])}" for r in self.rejected[:6]
        ]
        lines += [f"remark: {remark}" for remark in self.remarks]
        return brief_of(lines, "the person sees them on the screen.")
