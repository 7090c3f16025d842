"""Yes, no or partly, and why in one sentence with its figures."""

from compass.core import counted, duration, milliseconds, number
from compass.deployment_capacity.scene import Scene
from compass.deployment_capacity.types import Arrangement, Verdict
from compass.deployment_capacity.wording import limit_words
from compass.planning import gpus_in_words


def verdict_of(scene: Scene, best: Arrangement) -> tuple[Verdict, str]:
    """The verdict over the best arrangement, with the reason."""
    if not best.starts:
        return "no", f"{best.falls_short}."
    if not best.fits:
        return "no", f"{name_of(scene, best)} does not fit: {best.falls_short}."
    if not best.holds:
        return how_far(scene, best), f"{name_of(scene, best)} fits, but {best.falls_short}."
    return "yes", f"{name_of(scene, best)} {good_news(scene, best)}."


def name_of(scene: Scene, best: Arrangement) -> str:
    """Model, format and GPUs: "Qwen3-32B fp8 on 1 × (2 × L40S)"."""
    gpus, node = best.gpus_per_replica, scene.hardware.node
    machines = gpus // node if gpus > node and gpus % node == 0 else 1
    hardware = gpus_in_words(best.replicas, gpus, scene.hardware.gpu.name, machines)
    return f"{scene.subject.short} {best.precision} on {hardware}"


def how_far(scene: Scene, best: Arrangement) -> Verdict:
    """No where a rate, a deadline or a target fails at any load, partly where less would hold."""
    question = scene.question
    if question.context_tokens and best.max_context_tokens < question.context_tokens:
        return "partly"
    if best.job is not None or question.rate is not None:
        return "no"
    limit = best.limit
    return "partly" if limit is None or limit.requests_per_second > 0 else "no"


def good_news(scene: Scene, best: Arrangement) -> str:
    """What it does, in the figures that were asked for."""
    question, asked = scene.question, set(scene.asked)
    if best.job:
        return job_words(best)
    is_open = question.load.form == "none"
    if "max_context" in asked:
        return f"serves requests of up to {best.max_context_tokens:,} tokens, {bound_words(best)}"
    if is_open and question.stated_targets and best.limit:
        return f"carries {limit_words(best.limit)}"
    if is_open and ("concurrency" in asked or question.context_tokens):
        cache = best.kv_cache_tokens * best.replicas
        return (
            f"holds {room_words(scene, best)}, as many as its KV cache of {cache:,} tokens has room for; the "
            f"longest may have {best.max_context_tokens:,}"
        )
    if is_open and asked <= {"fits", "arrangement", "model"}:
        return f"fits: {memory_words(best)}; it holds {room_words(scene, best)}"
    if "fits" in asked:
        return f"fits: {memory_words(best)}; it {load_words(scene, best)}"
    return load_words(scene, best)


def job_words(best: Arrangement) -> str:
    """How long a job takes."""
    job = best.job
    assert job
    cost = "" if job.usd_per_job is None else f", ${job.usd_per_job:,.2f}"
    within = f" of the {duration(job.deadline_hours)} there are" if job.deadline_hours else ""
    hours = f"{duration(job.hours)}{within} ({number(job.gpu_hours)} GPU-hours{cost})"
    return f"does {job.items:,} requests in {hours}"


def bound_words(best: Arrangement) -> str:
    """What ends the longest context."""
    if best.context_bound == "model":
        more = best.kv_cache_tokens > best.max_context_tokens
        return f"the model's own window{f'; the cache would hold {best.kv_cache_tokens:,}' if more else ''}"
    return "all that its KV cache holds"


def noun_of(scene: Scene) -> str:
    """What is held at once: an agent's session keeps its context as a request does."""
    is_agent = scene.question.specification.use_case == "coding_agent"
    return "session" if is_agent or scene.question.load.form == "sessions" else "request"


def room_words(scene: Scene, best: Arrangement) -> str:
    """How many requests of the context at once."""
    requests = counted(best.max_concurrent_requests, noun_of(scene))
    return f"{requests} of {scene.question.load.context_tokens:,} tokens at once"


def memory_words(best: Arrangement) -> str:
    """Weights and runtime of a GPU, and what is left for the cache."""
    memory = best.memory_gib
    return (
        f"{memory.weights:g} GiB of weights and {memory.runtime:g} of runtime leave {memory.kv_cache:g} of "
        f"{memory.total_per_gpu:g} GiB a GPU for the KV cache"
    )


def load_words(scene: Scene, best: Arrangement) -> str:
    """Tokens a second and latencies at the load."""
    point = best.at_load
    assert point
    load = "one request at a time" if scene.question.load.form == "none" else scene.question.load.words
    if scene.question.load.form == "none" and point.concurrent_requests > 1:
        load = f"{point.concurrent_requests:,.0f} requests at once"
    room = f", with room for {best.max_concurrent_requests:,} at once"
    return (
        f"serves {load.split(' = ')[0]}: {number(point.output_tokens_per_second)} output tokens/s, TTFT "
        f"{milliseconds(point.ttft_ms.value)}, ITL {milliseconds(point.itl_ms.value)}{room}"
    )
