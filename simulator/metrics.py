"""What `/metrics` shows: the names, labels and buckets of vLLM 0.33.

Source: vLLM 0.33.0, `vllm/v1/metrics/loggers.py` and `buckets.py`.
"""

import os
import resource
import time
from collections.abc import Iterable, Mapping, Sequence

from simulator.exposition import Counter, Gauge, Histogram, Metric, family
from simulator.scheduler import BLOCK, Finish, Scheduler, Step
from simulator.scheduler import Sequence as Answer

TTFT_S = (
    0.001,
    0.005,
    0.01,
    0.02,
    0.04,
    0.06,
    0.08,
    0.1,
    0.25,
    0.5,
    0.75,
    1,
    2.5,
    5,
    7.5,
    10,
    20,
    40,
    80,
    160,
    640,
    2560,
)
ITL_S = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80)
LATENCY_S = (0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680)
STEP_TOKENS = (1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)

COUNTERS = {
    "prefix_cache_queries": "Prefix cache queries, in tokens.",
    "prefix_cache_hits": "Prefix cache hits, in tokens: none, the simulator has no prefix cache.",
    "num_preemptions": "Requests sent back to the queue for want of KV cache.",
    "prompt_tokens": "Prompt tokens processed.",
    "prompt_tokens_cached": "Prompt tokens taken from a cache.",
    "generation_tokens": "Tokens generated.",
}
GAUGES = {
    "num_requests_running": "Requests in the execution batch.",
    "num_requests_waiting": "Requests waiting to be processed.",
    "kv_cache_usage_perc": "Share of the KV cache in use, 0 to 1.",
}
FAMILIES: dict[str, Sequence[float]] = {
    "time_to_first_token": TTFT_S,
    "inter_token_latency": ITL_S,
    "request_latency": LATENCY_S,
    "request_tokens": (),
    "request_params_n": (1, 2, 5, 10, 20),
    "request_num_preemptions": (1, 2, 3, 4, 5, 10, 20),
    "iteration_tokens": STEP_TOKENS,
}
"""Bounds by vLLM's names for `--custom-histogram-buckets`; tokens go up to the longest context."""
HISTOGRAMS = {
    "time_to_first_token_seconds": ("Time to first token, from arrival.", "time_to_first_token"),
    "inter_token_latency_seconds": ("Each gap between two tokens of a request.", "inter_token_latency"),
    "request_time_per_output_token_seconds": ("Mean gap of each finished request.", "inter_token_latency"),
    "e2e_request_latency_seconds": ("Time from arrival to the last token.", "request_latency"),
    "request_queue_time_seconds": ("Time in the waiting queue.", "request_latency"),
    "request_inference_time_seconds": ("Time from the first schedule to the last token.", "request_latency"),
    "request_prefill_time_seconds": ("Time from the first schedule to the first token.", "request_latency"),
    "request_decode_time_seconds": ("Time from the first token to the last.", "request_latency"),
    "request_prompt_tokens": ("Prompt tokens of each request.", "request_tokens"),
    "request_generation_tokens": ("Generated tokens of each request.", "request_tokens"),
    "request_max_num_generation_tokens": ("Longest answer of each request, in tokens.", "request_tokens"),
    "request_params_max_tokens": ("The max_tokens of each request.", "request_tokens"),
    "request_prefill_kv_computed_tokens": ("Prompt tokens that came from no cache.", "request_tokens"),
    "request_params_n": ("The n of each request.", "request_params_n"),
    "request_num_preemptions": ("How often each request was preempted.", "request_num_preemptions"),
    "iteration_tokens_total": ("Tokens of each engine step.", "iteration_tokens"),
}
FINISHES = ("stop", "length", "abort", "error", "repetition")


def token_bounds(limit: int) -> list[int]:
    """1 2 5 10 20 50 … up to the longest context."""
    bounds = (digit * 10**power for power in range(len(str(limit))) for digit in (1, 2, 5))
    return [bound for bound in bounds if bound <= limit]


class EngineMetrics:
    """The series of one engine."""

    def __init__(
        self, model: str, engine: int, scheduler: Scheduler, buckets: Mapping[str, Sequence[float]]
    ) -> None:
        labels = {"model_name": model, "engine": str(engine)}
        tokens = {"request_tokens": token_bounds(scheduler.context_limit)}
        bounds = {**FAMILIES, **tokens, **buckets}
        self.scheduler = scheduler
        self.engine = engine
        self.counters = {name: Counter(labels) for name in COUNTERS}
        self.gauges = {name: Gauge(labels) for name in GAUGES}
        self.histograms = {
            name: Histogram(labels, bounds[family_name]) for name, (_, family_name) in HISTOGRAMS.items()
        }
        self.finished = {reason: Counter({**labels, "finished_reason": reason}) for reason in FINISHES}
        self.waiting_for = {
            reason: Gauge({**labels, "reason": reason}) for reason in ("capacity", "deferred")
        }
        self.by_source = {
            source: Counter({**labels, "source": source})
            for source in ("local_compute", "local_cache_hit", "external_kv_transfer")
        }
        self.gaps = self.histograms["inter_token_latency_seconds"]
        self.generated = self.counters["generation_tokens"]

    def step(self, step: Step, emitted: Sequence[Answer], now: float) -> None:
        """Count a finished step and its tokens; neighbours with the same gap are counted together."""
        self.histograms["iteration_tokens_total"].observe(step.tokens)
        self.generated.value += len(emitted)
        previous, times = 0.0, 0
        for answer in emitted:
            if not answer.first_token:
                self.first_token(answer, now)
            elif answer.last_token == previous:
                times += 1
            else:
                if times:
                    self.gaps.observe(now - previous, times)
                previous, times = answer.last_token, 1
            answer.last_token = now
        if times:
            self.gaps.observe(now - previous, times)

    def first_token(self, answer: Answer, now: float) -> None:
        """Count a prompt that is through."""
        answer.first_token = now
        self.histograms["time_to_first_token_seconds"].observe(now - answer.arrived)
        self.histograms["request_queue_time_seconds"].observe(answer.scheduled - answer.queued)
        self.counters["prompt_tokens"].value += answer.prompt_tokens
        self.by_source["local_compute"].value += answer.prompt_tokens

    def end(self, answer: Answer, now: float) -> None:
        """Count a sequence that has ended, aborted ones too."""
        self.finished[answer.finish].value += 1
        if answer.finish in (Finish.ABORT, Finish.ERROR):
            return
        seen = self.histograms
        seen["e2e_request_latency_seconds"].observe(now - answer.arrived)
        seen["request_inference_time_seconds"].observe(now - answer.scheduled)
        seen["request_prefill_time_seconds"].observe(answer.first_token - answer.scheduled)
        seen["request_decode_time_seconds"].observe(now - answer.first_token)
        seen["request_prompt_tokens"].observe(answer.prompt_tokens)
        seen["request_generation_tokens"].observe(answer.generated)
        seen["request_max_num_generation_tokens"].observe(answer.generated)
        seen["request_prefill_kv_computed_tokens"].observe(answer.prompt_tokens)
        seen["request_num_preemptions"].observe(answer.preemptions)
        if answer.generated > 1:
            mean_gap = (now - answer.first_token) / (answer.generated - 1)
            seen["request_time_per_output_token_seconds"].observe(mean_gap)

    def parameters(self, max_tokens: int, n: int) -> None:
        """Count what a request asked for."""
        self.histograms["request_params_max_tokens"].observe(max_tokens)
        self.histograms["request_params_n"].observe(n)

    def read_gauges(self) -> None:
        """Bring the gauges up to now."""
        self.gauges["num_requests_running"].value = len(self.scheduler.running)
        self.gauges["num_requests_waiting"].value = len(self.scheduler.waiting)
        self.gauges["kv_cache_usage_perc"].value = self.scheduler.cache_usage
        self.waiting_for["capacity"].value = len(self.scheduler.waiting)
        self.counters["num_preemptions"].value = self.scheduler.preemptions

    def config_labels(self) -> dict[str, str]:
        """Labels of `cache_config_info`; they do not name the model."""
        return {
            "block_size": str(BLOCK),
            "cache_dtype": "auto",
            "enable_prefix_caching": "False",
            "engine": str(self.engine),
            "kv_cache_size_tokens": str(self.scheduler.blocks * BLOCK),
            "num_gpu_blocks": str(self.scheduler.blocks),
        }


class ServerMetrics:
    """All engines, and what the server itself counts."""

    def __init__(self, model: str, engines: Sequence[EngineMetrics]) -> None:
        self.engines = engines
        self.rejected = Counter({"model_name": model, "reason": "max_num_queued_reqs"})
        self.http: dict[tuple[str, str, str], Counter] = {}
        self.late = Counter({})
        self.started = time.time()

    def answered(self, handler: str, method: str, status: int) -> None:
        """Count an HTTP answer."""
        key = (handler, method, f"{status // 100}xx")
        if key not in self.http:
            self.http[key] = Counter(dict(zip(("handler", "method", "status"), key, strict=True)))
        self.http[key].value += 1

    def text(self) -> str:
        """The whole page."""
        for engine in self.engines:
            engine.read_gauges()
        return "\n".join([*self.engine_lines(), *self.server_lines(), ""])

    def engine_lines(self) -> Iterable[str]:
        """The families with a series for each engine."""
        every = self.engines
        for name, text in GAUGES.items():
            yield from family(f"vllm:{name}", text, [engine.gauges[name] for engine in every])
        yield from self.labelled(
            "num_requests_waiting_by_reason", "Waiting requests by reason.", "waiting_for"
        )
        for name, text in COUNTERS.items():
            yield from family(f"vllm:{name}", text, [engine.counters[name] for engine in every])
        yield from self.labelled(
            "prompt_tokens_by_source", "Prompt tokens by where they came from.", "by_source"
        )
        yield from self.labelled("request_success", "Finished requests by reason.", "finished")
        for name, (text, _) in HISTOGRAMS.items():
            yield from family(f"vllm:{name}", text, [engine.histograms[name] for engine in every])
        configs = [Gauge(engine.config_labels(), 1) for engine in every]
        yield from family("vllm:cache_config_info", "Settings of the KV cache.", configs)

    def labelled(self, name: str, text: str, attribute: str) -> Iterable[str]:
        """A family with one more label."""
        series: list[Metric] = [one for engine in self.engines for one in getattr(engine, attribute).values()]
        return family(f"vllm:{name}", text, series)

    def server_lines(self) -> Iterable[str]:
        """Rejections, HTTP answers, the process, and how late the simulator itself was."""
        yield from family("vllm:admission_rejections", "Requests refused for a full queue.", [self.rejected])
        yield from family("http_requests", "HTTP answers by handler, method and status.", self.http.values())
        late = "Seconds by which engine steps ended later than the profile says: this machine was too slow."
        yield from family("simulator_late_seconds", late, [self.late])
        usage = resource.getrusage(resource.RUSAGE_SELF)
        busy = Counter({})
        busy.value = usage.ru_utime + usage.ru_stime
        busy.created = self.started
        yield from family("process_cpu_seconds", "CPU time of this process.", [busy])
        memory = [Gauge({}, resident_bytes())]
        yield from family("process_resident_memory_bytes", "Memory of this process.", memory)
        start = [Gauge({}, self.started)]
        yield from family("process_start_time_seconds", "Start of this process, Unix time.", start)


def resident_bytes() -> float:
    """Resident memory now, or its peak where there is no /proc."""
    try:
        with open("/proc/self/statm") as file:
            return float(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
