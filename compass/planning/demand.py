"""Demand: what the user said, and what the use case assumes for the rest, as one specification."""

from typing import Any

from compass.catalog import (
    Catalog,
    UseCase,
    find_provider,
    find_use_case,
    model_of,
    reasoning_mode,
    stated_thinking,
    thinking_length,
)
from compass.core import percent
from compass.planning.load_forms import Load, choose_load, is_job
from compass.planning.notes import Notes
from compass.planning.session_choice import choose_session, in_sessions, waited_for_tokens
from compass.planning.stated_names import (
    allowed_gpus,
    allowed_models,
    known_precision,
    read_gpu_prices,
)
from compass.planning.target_defaults import Targets, choose_targets, job_targets, note_contradictions
from compass.planning.types import Specification
from compass.planning.wishes import Wishes

PLANNED_ENGINE = "vllm"
SAYS_SPEED = {"ttft_ms", "itl_ms", "e2e_ms", "output_tokens", "experience_class"}
"""Wishes of which one must be said for targets to contradict it; among assumed ones the use case decides."""


def specify(catalog: Catalog, wishes: Wishes) -> Specification:
    """The specification of these wishes; pure arithmetic over the catalog.

    Raises:
        InvalidInput: a number that cannot be; names the field.
        NotFound: an unknown use case, class, GPU or model; names the nearest.
    """
    wishes.check_limits()
    notes = Notes()
    use_case = choose_use_case(catalog, wishes, notes)
    prompt, answer = choose_lengths(use_case, wishes, notes)
    lengths = prompt, answer + (wishes.thinking_tokens or 0)
    session = None if is_job(use_case, wishes) else choose_session(use_case, wishes, lengths[1], notes)
    if session is not None:
        # A stated mean stands to the token; the turns come as near as whole ones can.
        prompt = wishes.prompt_tokens or max(1, round(session.mean_prompt_tokens))
        lengths = prompt, lengths[1]
    names = named(catalog, wishes, notes)
    if is_job(use_case, wishes):
        targets = job_targets(wishes, notes)
    else:
        thinking = long_thinking(catalog, use_case, wishes, names["preferred_models"])
        waited_for = prompt if session is None else waited_for_tokens(session)
        targets = choose_targets(catalog, use_case, wishes, (waited_for, answer), thinking, notes)
        if SAYS_SPEED & wishes.stated().keys():
            note_contradictions(notes, targets, lengths[1])
    load = choose_load(use_case, wishes, lengths, targets, session, notes)
    if load.form == "rate":
        assume_arrivals(use_case, notes)
    if wishes.percentile is None and any(targets):
        notes.assume("percentile", "p95", "targets are p95 unless said otherwise")
    note_not_modelled(wishes, notes)
    resolved = {
        "use_case": use_case.name,
        "experience_class": (wishes.experience_class or use_case.experience_class).strip().casefold(),
        "prompt_tokens": lengths[0],
        "output_tokens": lengths[1],
        "thinking_tokens": wishes.thinking_tokens or 0,
        "prefix_cache_hit_rate": cached_share(wishes, notes),
        "session": session,
        "shared_prompt_tokens": session.shared_tokens if session else 0,
        **load_fields(use_case, wishes, load, targets),
        **names,
        "wishes": wishes,
        "assumptions": tuple(notes.assumptions),
        "remarks": tuple(notes.remarks),
    }
    # What needs no arithmetic stands as it was said.
    as_said = {name: value for name, value in wishes.stated().items() if name in Specification.model_fields}
    return Specification(**as_said | resolved)


def load_fields(use_case: UseCase, wishes: Wishes, load: Load, targets: Targets) -> dict[str, object]:
    """Targets and load as fields of the specification."""
    users, workload = wishes.user_count, use_case.workload
    bursts = load.form == "rate"
    return {
        "ttft_p95_ms": targets[0],
        "itl_p95_ms": targets[1],
        "e2e_p95_ms": targets[2],
        "first_answer_p95_ms": wishes.first_answer_ms,
        "load_form": load.form,
        "concurrent_requests": load.in_flight if load.form == "in_flight" else wishes.concurrent_requests,
        "concurrent_sessions": wishes.concurrent_sessions,
        "batch_items": load.items,
        "deadline_hours": load.hours,
        "jobs_per_month": load.jobs_per_month or 1.0,
        "peak_requests_per_second": load.peak_per_s,
        "mean_requests_per_second": load.mean_per_s,
        "concurrent_users": users * (wishes.active_share or workload.active) if users and bursts else None,
        "arrivals": workload.arrivals if bursts else "poisson",
        "burst_size": workload.burst_size if bursts else 1.0,
        "load_arithmetic": load.arithmetic,
    }


def named(catalog: Catalog, wishes: Wishes, notes: Notes) -> dict[str, Any]:
    """What was named, as the catalog writes it."""
    preferred, excluded = allowed_gpus(catalog, wishes.preferred_gpu_types, wishes.excluded_gpu_types, notes)
    return {
        "preferred_gpu_types": preferred,
        "excluded_gpu_types": excluded,
        "preferred_models": allowed_models(catalog, wishes, notes),
        "precision": known_precision(wishes.precision, notes),
        "provider": find_provider(catalog, wishes.provider) if wishes.provider else None,
        "gpu_prices": read_gpu_prices(catalog, wishes.gpu_prices),
    }


def long_thinking(catalog: Catalog, use_case: UseCase, wishes: Wishes, preferred: tuple[str, ...]) -> int:
    """Tokens that 95 % of requests think no longer than, of the named model that thinks longest.

    0 where nothing thinks, and where the stated output holds the thinking.
    """
    if wishes.thinking_tokens is None and wishes.output_tokens is not None:
        return 0
    models = [model_of(catalog, name) for name in preferred] or list(catalog.models) * bool(wishes.reasoning)
    wanted = True if wishes.thinking_tokens else wishes.reasoning
    lengths = [
        thinking_length(model, use_case.name, wishes.reasoning_effort, wishes.thinking_tokens)
        for model in models
        if reasoning_mode(model, wanted).on
    ]
    if wishes.thinking_tokens and not models:
        lengths = [stated_thinking(wishes.thinking_tokens)]
    return round(max((length.p95_tokens for length in lengths), default=0))


def choose_use_case(catalog: Catalog, wishes: Wishes, notes: Notes) -> UseCase:
    """The stated use case, else the chatbot as an assumption."""
    if wishes.use_case:
        return find_use_case(catalog, wishes.use_case)
    use_case = find_use_case(catalog, "chatbot_conversational")
    notes.assume("use_case", use_case.name, "not said; the most common one is taken")
    return use_case


def choose_lengths(use_case: UseCase, wishes: Wishes, notes: Notes) -> tuple[int, int]:
    """Tokens of prompt and answer: stated, else usual for the use case within the stated window.

    Requests in flight are taken to fill the window that was said with them ("50 users at 8k of context"),
    those of a session half of it on average.
    """
    why = f"usual for {use_case.title}"
    output = wishes.output_tokens
    window = wishes.context_tokens
    if window is not None and output is None and use_case.output_tokens > window // 2:
        output = int(notes.choose("output_tokens", None, max(1, window // 2), "half of the stated context"))
    if output is None:
        output = int(notes.choose("output_tokens", None, use_case.output_tokens, why))
    if in_sessions(use_case, wishes) and wishes.prompt_tokens is None:
        return use_case.prompt_tokens, output
    if wishes.prompt_tokens is not None or window is None:
        prompt = notes.choose("prompt_tokens", wishes.prompt_tokens, use_case.prompt_tokens, why)
        return int(prompt), output
    room = max(1, window - output - (wishes.thinking_tokens or 0))
    if wishes.concurrent_requests is not None:
        prompt = notes.choose("prompt_tokens", None, room, "each request fills the context that you said")
    elif room < use_case.prompt_tokens:
        prompt = notes.choose("prompt_tokens", None, room, "all that the stated context leaves")
    else:
        prompt = notes.choose(
            "prompt_tokens", None, use_case.prompt_tokens, f"{why}; the context may hold more"
        )
    return int(prompt), output


def cached_share(wishes: Wishes, notes: Notes) -> float:
    """Share of prompt tokens that is said to be found in the prefix cache; of sessions it is derived."""
    if wishes.prefix_cache_hit_rate is not None:
        notes.assume(
            "prefix_cache_hit_rate", percent(wishes.prefix_cache_hit_rate), "as you said; it is not measured"
        )
        return wishes.prefix_cache_hit_rate
    return 0.0


def assume_arrivals(use_case: UseCase, notes: Notes) -> None:
    """How requests come, and how many together; nobody is asked for it."""
    size = use_case.workload.burst_size
    value = f"bursts of {size:g}" if use_case.workload.arrivals == "bursts" else "poisson"
    notes.assume("arrivals", value, f"usual for {use_case.title}: how requests come")


def note_not_modelled(wishes: Wishes, notes: Notes) -> None:
    """Say what of the wishes no figure takes into account."""
    if wishes.kv_cache == "fp8":
        notes.remarks.append(
            "The KV cache in fp8 holds twice as many tokens; published scores are of caches in 16 bits, so "
            "check the answers of long contexts."
        )
    if wishes.host_cache_gib is not None and wishes.prefix_cache_hit_rate is None:
        notes.remarks.append(
            f"{wishes.host_cache_gib:g} GiB of host memory for the KV cache of idle sessions are in the "
            "simulation of each option; the search leaves them out, so that fewer replicas may do."
        )
    if wishes.expert_parallel or (wishes.data_parallel or 1) > 1:
        notes.remarks.append(
            "Data-parallel attention with expert parallelism is not planned: replicas are tensor parallel in "
            "a machine, with pipeline stages over several."
        )
    if wishes.engine and PLANNED_ENGINE not in wishes.engine.casefold():
        notes.remarks.append(
            f"Plans are made for vLLM; what {wishes.engine} would do differently is not known."
        )
    if wishes.reasoning and wishes.output_tokens is not None and not wishes.thinking_tokens:
        notes.remarks.append(
            f"The {wishes.output_tokens:,} output tokens are taken to hold the reasoning with the answer: "
            "when the answer itself begins is not known. Say thinking_tokens for it."
        )
