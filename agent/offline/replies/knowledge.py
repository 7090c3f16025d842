"""Words for the catalog: benchmark runs, GPUs, models, prices."""

import re
from collections.abc import Callable, Sequence

from agent.offline.replies.markdown import bullets, paragraphs
from compass.catalog import Catalog, Gpu, Model, Price
from compass.core import milliseconds, number, price, unknown
from tools.lookup_benchmarks import BenchmarkPage


def benchmarks(page: BenchmarkPage) -> str:
    """Runs as a table."""
    found = page.coverage
    exact = f"{found.exact:,} of {found.runs:,} runs match exactly"
    if not found.exact:
        exact = f"None of {found.runs:,} runs matches exactly; these are the nearest"
    intro = f"{exact} · page {page.page} of {page.pages}"
    rows = [
        f"| {row.match} | {row.model} {row.precision} | {row.tensor_parallel} × {row.gpu} | "
        f"{row.prompt_tokens:g} → {row.output_tokens:g} | {figure(row.concurrency, number)} "
        f"| {figure(row.ttft_ms, milliseconds)} | {figure(row.itl_ms, milliseconds)} "
        f"| {row.evidence} | {row.source} |"
        for row in page.rows
    ]
    head = (
        "| match | model | GPUs | tokens | concurrency | TTFT | ITL | evidence | source |\n"
        "|---|---|---|---|--:|--:|--:|---|---|"
    )
    return paragraphs(intro, "\n".join([head, *rows]) if rows else "", f"*{page.attribution}*")


def figure(value: float | None, words: Callable[[float], str]) -> str:
    """A figure in words, or a dash where none was published."""
    return "–" if value is None else words(value)


def strange_name(text: str) -> str:
    """The name that a question seems to be about, for questions without a name of the catalog."""
    match = re.search(
        r"\b(?:for|of|on|about|über|sur|sobre|su)\s+(?:the |an? )?([\w.-]*[A-Z0-9][\w.-]*)", text
    )
    return match[1] if match else ""


def unknown_name(name: str, catalog: Catalog) -> str:
    """The catalog has no such name, and which names are similar."""
    known = [*(gpu.name for gpu in catalog.gpus), *(model.name for model in catalog.models)]
    return f"{unknown('GPU or model', name, known)} Say *which GPUs do you know?* for all of them."


def run_count(page: BenchmarkPage, name: str) -> str:
    """How many benchmark runs there are of a GPU or model."""
    if not page.coverage.exact:
        return f"No benchmark run of {name} is stored, so its figures are estimated from hardware data."
    return f"{page.coverage.exact:,} of {page.coverage.runs:,} stored benchmark runs are of {name}."


def gpu(item: Gpu, catalog: Catalog) -> str:
    """A GPU with its prices."""
    fast = {"fp8": item.dense_tflops.fp8, "fp4": item.dense_tflops.fp4, "int8": item.dense_tflops.int8}
    speeds = [f"{number(item.dense_tflops.bf16)} TFLOP/s in bf16"]
    speeds += [f"{number(speed)} in {precision}" for precision, speed in fast.items() if speed]
    rows = sorted(offers(catalog, item.name), key=lambda price: price.usd_per_gpu_hour)[:3]
    cost = "; ".join(f"{price(p.usd_per_gpu_hour)} an hour at {p.provider} ({p.as_of})" for p in rows)
    maker = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel"}[item.vendor]
    return (
        f"**{item.name}** ({maker} {item.architecture}): "
        f"{number(item.memory_gib)} GiB of memory at {number(item.memory_bandwidth_gb_s)} GB/s, "
        f"{', '.join(speeds)}; up to {item.gpus_per_node} in a node. "
        + (f"On demand from {cost}." if cost else f"No price is known; give your own: *{item.name}=2.10*.")
    )


def model(item: Model) -> str:
    """A model with its sizes, precisions and scores."""
    active = (
        "" if item.active_parameters_b == item.parameters_b else f" ({item.active_parameters_b:g} active)"
    )
    weights = ", ".join(f"{c.precision} {c.weight_gib:g} GiB" for c in item.checkpoints)
    latest = {score.benchmark: score for score in item.scores}
    scores = ", ".join(f"{name} {score.score:g}" for name, score in list(latest.items())[:5])
    return (
        f"**{item.name}** ({item.family}, {item.release}, {item.license}): {item.parameters_b:g} billion "
        f"parameters{active}, context of {item.context_tokens:,} tokens. Weights: {weights}. "
        + (f"Published scores: {scores}." if scores else "No scores are published.")
    )


def names(catalog: Catalog, models: bool) -> str:
    """The names that the catalog knows, by maker or family."""
    groups: dict[str, list[str]] = {}
    for group, name in (
        [(item.family, item.name) for item in catalog.models]
        if models
        else [(item.vendor.upper(), item.name) for item in catalog.gpus]
    ):
        groups.setdefault(group, []).append(name)
    rows = bullets(*(f"{group}: {', '.join(found)}" for group, found in groups.items()))
    more = "Any other with a config.json can be added: `compass models add`." if models else ""
    return paragraphs(rows, more, "Say *tell me about …* for one of them.")


def prices(catalog: Catalog, wanted: Sequence[str]) -> str:
    """Prices of the GPUs wanted by provider, or the lowest of each GPU."""
    rows = sorted(
        (price for name in wanted for price in offers(catalog, name)), key=lambda p: p.usd_per_gpu_hour
    )
    if not wanted:
        lowest = [min(found, key=lambda p: p.usd_per_gpu_hour) for g in catalog.gpus
                  if (found := offers(catalog, g.name))]  # fmt: skip
        rows = sorted(lowest, key=lambda p: p.usd_per_gpu_hour)
    if not rows:
        return "The price list has no price for it. Give your own, for example *H100=2.20*."
    table = [
        f"| {p.gpu} | {price(p.usd_per_gpu_hour)} | {p.provider} | {p.instance} | {p.as_of} |"
        for p in rows[:25]
    ]
    return paragraphs(
        "On-demand prices of one GPU, US dollars an hour" + ("" if wanted else ", the lowest of each") + ":",
        "\n".join(["| GPU | an hour | provider | instance | as of |", "|---|--:|---|---|---|", *table]),
        "Say *with spot instances*, *on aws* or *H100=2.20* to plan with others.",
    )


def offers(catalog: Catalog, name: str) -> list[Price]:
    """The on-demand prices of a GPU."""
    return [price for price in catalog.prices if price.gpu == name and price.pricing == "on-demand"]
