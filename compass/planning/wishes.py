"""What a user wants: every field once, with its description and its limits."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError

from compass.catalog import Pricing
from compass.core import Frozen, InvalidInput, Percentile, invalid_input

Priority = Literal["low", "medium", "high"]
LatencyTarget = Literal["ttft", "itl", "e2e"]
Availability = Literal["none", "n+1"]
Routing = Literal["prefix-aware", "round-robin"]
KvCache = Literal["bf16", "fp8"]
Speculation = Literal["off", "auto", "mtp", "eagle3", "draft-model", "ngram"]
Effort = Literal["low", "medium", "high"]

LONGEST_MS = 3_600_000.0
MOST_RATE = 1_000_000.0
MOST_TOKENS = 1_000_000
LONGEST_CONTEXT = 100_000_000
SPEEDUPS = "must be 1 to 8 tokens a decode step, 1.5 for example."


@dataclass(frozen=True)
class Positive:
    """Limits of a number: above 0 and at most `most`; `example` is what to give instead."""

    most: float
    example: str

    def problem(self, value: float) -> str | None:
        """What is wrong with a value, nothing where it can be."""
        if not math.isfinite(value) or value <= 0:
            return f"{value:g} cannot be. Give a positive number, {self.example} for example."
        if value > self.most:
            return f"{value:g} is more than {self.most:g}, the most that makes sense here."
        return None


@dataclass(frozen=True)
class Within:
    """Limits of a number: from `least` to `most`, which itself is allowed only where `closed`."""

    least: float
    most: float
    sentence: str
    closed: bool = True

    def problem(self, value: float) -> str | None:
        """What is wrong with a value, nothing where it can be."""
        inside = self.least <= value <= self.most and (self.closed or value < self.most)
        return None if inside else self.sentence


def none_as_empty(value: Any) -> Any:
    """An absent list: some language models write null for it."""
    return () if value is None else value


Names = Annotated[tuple[str, ...], BeforeValidator(none_as_empty)]
NoTargets = Annotated[tuple[LatencyTarget, ...], BeforeValidator(none_as_empty)]
Milliseconds = Annotated[float | None, Positive(LONGEST_MS, "300")]
Tokens = Annotated[int | None, Positive(MOST_TOKENS, "1024")]


class Wishes(Frozen):
    """What a user wants of a deployment; None and empty mean unsaid."""

    model_config = ConfigDict(extra="forbid")

    use_case: str | None = Field(None, description="A use case: chatbot_conversational, coding_agent …")
    experience_class: str | None = Field(
        None, description="instant, conversational, interactive, deferred or batch"
    )
    user_count: Annotated[int | None, Positive(1e9, "5000")] = Field(
        None, description="How many people use it"
    )
    ttft_ms: Milliseconds = Field(None, description="Time to first token, at most, ms")
    itl_ms: Milliseconds = Field(None, description="Inter-token latency, at most, ms")
    e2e_ms: Milliseconds = Field(None, description="Whole answer, at most, ms")
    first_answer_ms: Milliseconds = Field(
        None, description="First token of the answer after any reasoning, at most, ms"
    )
    no_targets: NoTargets = Field((), description="Latencies that need no target: ttft, itl, e2e")
    percentile: Percentile | None = Field(None, description="Of the targets; p95 unless said")
    prompt_tokens: Tokens = Field(None, description="Tokens of a typical prompt")
    output_tokens: Tokens = Field(None, description="Tokens of a typical answer")
    thinking_tokens: Tokens = Field(
        None, description="Tokens of reasoning before the answer, beside output_tokens"
    )
    reasoning: bool | None = Field(None, description="Whether the model may reason before it answers")
    reasoning_effort: Effort | None = Field(None, description="low, medium or high: how long it reasons")
    shared_prompt_tokens: Tokens = Field(
        None, description="Of the prompt those that are the same in every request: system prompt, tools"
    )
    context_tokens: Annotated[int | None, Positive(LONGEST_CONTEXT, "32768")] = Field(
        None, description="Context window that must be served, tokens of prompt and answer together"
    )
    requests_per_second: Annotated[float | None, Positive(MOST_RATE, "12.5")] = Field(
        None, description="Load at peak, instead of user_count (mean load where peak_factor is given)"
    )
    concurrent_requests: Annotated[int | None, Positive(1e6, "16")] = Field(
        None, description="Requests in flight at once, as a closed loop"
    )
    concurrent_sessions: Annotated[int | None, Positive(1e6, "40")] = Field(
        None, description="Long sessions of agents or conversations open at once, each with a growing context"
    )
    session_turns: Annotated[int | None, Positive(100_000, "40")] = Field(
        None, description="Requests of a session, each with the history of those before"
    )
    turn_tokens: Tokens = Field(
        None, description="Tokens that a turn adds to the history beside the answer: question, tool results"
    )
    turn_pause_seconds: Annotated[float | None, Positive(86_400, "8")] = Field(
        None, description="Pause of a session between an answer and its next request, seconds"
    )
    routing: Routing | None = Field(
        None, description="prefix-aware: to the replica that holds the prefix; round-robin: to each in turn"
    )
    tokens_per_second: Annotated[float | None, Positive(1e9, "5800")] = Field(
        None, description="Tokens a second of prompts and answers together, over all replicas"
    )
    output_tokens_per_second: Annotated[float | None, Positive(1e9, "2000")] = Field(
        None, description="Output tokens a second over all replicas"
    )
    batch_items: Annotated[int | None, Positive(1e12, "2000000")] = Field(
        None, description="Requests of a batch job"
    )
    deadline_hours: Annotated[float | None, Positive(8760, "10")] = Field(
        None, description="Hours in which the batch job must be done"
    )
    jobs_per_month: Annotated[float | None, Positive(100_000, "30")] = Field(
        None, description="How often the batch job is run a month: 30 for every night; once unless said"
    )
    active_share: Annotated[float | None, Positive(1, "0.2 for 20 %")] = Field(
        None, description="Share of users active at once, 0.2 for 20 %"
    )
    requests_per_minute: Annotated[float | None, Positive(MOST_RATE, "0.4")] = Field(
        None, description="Requests a minute of an active user"
    )
    peak_factor: Annotated[
        float | None,
        Positive(1000, "2"),
        Within(1, math.inf, "the peak cannot be below the mean. Give 1 or more."),
    ] = Field(None, description="Peak load over mean load")
    preferred_gpu_types: Names = Field((), description="Only these GPUs")
    excluded_gpu_types: Names = Field((), description="None of these GPUs")
    preferred_models: Names = Field((), description="Only these models or families")
    gpu_count: Annotated[int | None, Positive(100_000, "8")] = Field(
        None, description="GPUs that are there, all replicas and nodes together"
    )
    node_count: Annotated[int | None, Positive(10_000, "2")] = Field(
        None, description="Machines that are there"
    )
    gpus_per_node: Annotated[int | None, Positive(1024, "8")] = Field(None, description="GPUs of a machine")
    model_parameters_b: Annotated[float | None, Positive(100_000, "7")] = Field(
        None, description="Size of the model in billions of parameters"
    )
    precision: str | None = Field(
        None, description="Format of the weights: bf16, fp8, int8, int4, nvfp4, mxfp4"
    )
    tensor_parallel: Annotated[int | None, Positive(1024, "2")] = Field(
        None, description="GPUs that share each layer of a replica"
    )
    pipeline_parallel: Annotated[int | None, Positive(64, "2")] = Field(
        None, description="Stages of a replica, each with a part of the layers"
    )
    data_parallel: Annotated[int | None, Positive(1024, "8")] = Field(
        None, description="Copies of the attention layers in a replica"
    )
    expert_parallel: bool | None = Field(None, description="Whether whole experts are spread over the GPUs")
    kv_cache: KvCache | None = Field(None, description="Type of the KV cache: bf16 or fp8")
    host_cache_gib: Annotated[float | None, Positive(100_000, "200")] = Field(
        None, description="Host memory of a replica for the KV cache of idle sessions, GiB"
    )
    engine: str | None = Field(None, description="Serving engine: vllm, sglang, tensorrt-llm …")
    accuracy_priority: Priority | None = Field(None, description="Weight of model quality")
    cost_priority: Priority | None = Field(None, description="Weight of cost")
    latency_priority: Priority | None = Field(None, description="Weight of latency margin")
    budget_usd_per_month: Annotated[float | None, Positive(1e12, "5000")] = Field(
        None, description="US dollars a month, at most"
    )
    availability: Availability | None = Field(None, description="n+1: one replica more than the load needs")
    domain_specialization: str | None = Field(None, description="legal, medical, finance …")
    provider: str | None = Field(None, description="Cloud whose prices count: aws, gcp, azure …")
    pricing: Pricing | None = Field(None, description="on-demand, reserved or spot")
    gpu_prices: Names = Field((), description="Own prices in US dollars per GPU-hour, such as H100=2.20")
    prefix_cache_hit_rate: Annotated[
        float | None,
        Within(0, 1, "must be at least 0 and below 1, 0.3 for 30 % for example.", closed=False),
    ] = Field(None, description="Share of prompt tokens found in the prefix cache, 0.3 for 30 %")
    speculation: Speculation | None = Field(
        None, description="Speculative decoding: off, auto, mtp, eagle3, draft-model or ngram"
    )
    draft_tokens: Annotated[int | None, Positive(32, "3")] = Field(
        None, description="Tokens that speculative decoding drafts a step"
    )
    speculative_speedup: Annotated[float | None, Within(1, 8, SPEEDUPS)] = Field(
        None, description="Tokens a decode step yields by speculative decoding, 1.5 for example"
    )

    def stated(self) -> dict[str, Any]:
        """The fields of `Wishes` that say something, in their order."""
        return {
            name: value
            for name in Wishes.model_fields
            if (value := getattr(self, name)) is not None and value != ()
        }

    def over(self, standing: "Wishes") -> "Wishes":
        """These wishes, and for what they leave unsaid the standing ones; own prices of both count."""
        joined = standing.stated() | self.stated()
        joined |= {"gpu_prices": (*standing.gpu_prices, *self.gpu_prices)}
        return Wishes(**joined | {"no_targets": self._no_targets_after(standing, self.stated())})

    def _no_targets_after(self, earlier: "Wishes", said: dict[str, Any]) -> tuple[str, ...]:
        """The targets that are dropped: a number that is said later takes its target back."""
        dropped = said.get("no_targets") or earlier.no_targets
        return tuple(name for name in dropped if said.get(f"{name}_ms") is None)

    def changed(self, **values: Any) -> Self:
        """The same wishes with other values.

        Raises:
            InvalidInput: a value of the wrong type, or no such field; names it.
        """
        if "no_targets" not in values and self.no_targets:
            values = values | {"no_targets": self._no_targets_after(self, values)}
        try:
            return type(self).model_validate(self.model_dump() | values)
        except ValidationError as error:
            raise invalid_input(error, type(self).model_fields) from error

    def check_limits(self) -> None:
        """Refuse a number that no deployment can have.

        Raises:
            InvalidInput: names the field.
        """
        for name, problem in self._problems():
            raise InvalidInput(name, problem)

    def _problems(self) -> Iterator[tuple[str, str]]:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            for limit in field.metadata:
                if isinstance(limit, Positive | Within) and value is not None:
                    problem = limit.problem(value)
                    if problem is not None:
                        yield name, problem
