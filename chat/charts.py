"""Pictures of a plan and of given GPUs: cost against latency, capacity curves.

A figure is the document that the page's plotly.js draws. The Python library of that name would write the same
and takes most of a second of the first answer for it.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

from compass.core import exact_milliseconds, latency, milliseconds, number
from compass.deployment_capacity import CapacityAnswer
from compass.planning import (
    CapacityPoint,
    Option,
    Plan,
    Specification,
    cost_words,
    gpu_words,
    model_words,
    quality_words,
)

# Readable on light and on dark ground, and apart for colour-blind eyes (Okabe and Ito 2008).
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#8a8f98"
GRID = "rgba(138,143,152,0.25)"
HEIGHT = 320
ROUND = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]
LATENCIES = (
    ("TTFT", "ttft_p95_ms", BLUE),
    ("ITL", "itl_p95_ms", ORANGE),
    ("E2E", "e2e_p95_ms", GREEN),
)


Part = dict[str, Any]
"""A trace, a shape, an annotation or an axis, as plotly.js names its fields."""


class Figure(TypedDict):
    """A chart: its traces, and everything around them."""

    data: list[Part]
    layout: Part


def figure(title: str, x_axis: Part, y_axis: Part, *traces: Part) -> Figure:
    """A chart in our style, transparent, so that it follows the page's theme."""
    layout = {
        "title": {
            "text": title,
            "font": {"size": 14},
            "x": 0,
            "xanchor": "left",
            "xref": "container",
            "pad": {"l": 8},
        },
        "xaxis": axis(**x_axis),
        "yaxis": axis(**y_axis),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": GREY, "size": 12},
        "margin": {"l": 8, "r": 16, "t": 44, "b": 8},
        "height": HEIGHT,
        "autosize": True,
        "legend": {"orientation": "h", "y": -0.3, "x": 0},
        "hoverlabel": {"align": "left"},
    }
    return Figure(data=list(traces), layout=layout)


def axis(title: str, **fields: Any) -> Part:
    """An axis without a line at zero."""
    return {
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
        "title": {"text": title, "standoff": 15},
    } | fields


def line(name: str, x: Sequence[float], y: Sequence[float], look: Part, **fields: Any) -> Part:
    """A line through points."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": look,
    } | fields


def label(option: Option) -> str:
    """An option in three lines."""
    return (
        f"{model_words(option)}<br>{gpu_words(option)} · quality {quality_words(option)}<br>"
        f"{cost_words(option)} · TTFT {latency(option.ttft_p95_ms)} ({option.evidence.kind})"
    )


def cost_against_latency(plan: Plan) -> Figure:
    """Cost a month against p95 TTFT: the plan's options with their intervals, and the Pareto front."""
    front, options = list(plan.pareto_front), list(plan.options)
    edge = lower_edge([*front, *options])
    dollars = [cost_of(option) for option in (*front, *options)]
    target = plan.specification.ttft_p95_ms
    limit = [] if target is None else [target_line(target, dollars)]
    return figure(
        "Cost against time to first token",
        {"title": "US dollars a month", "type": "log", "tickformat": "$~s", "dtick": "D2"},
        {"title": "p95 TTFT, ms", "type": "log", "tickvals": ROUND},
        line(
            "Pareto front",
            [cost_of(option) for option in edge],
            [option.ttft_p95_ms.value for option in edge],
            {"color": GREY, "width": 1, "shape": "hv"},
            hoverinfo="skip",
        ),
        points(front, "better in quality", GREY, size=6, interval=False),
        points(options, "options, 80 % interval", BLUE, size=11, interval=True),
        *limit,
    )


def cost_of(option: Option) -> float:
    """US dollars a month of an option with a listed price."""
    return option.usd_per_month or 0.0


def target_line(target: float, dollars: list[float]) -> Part:
    """The target of the first token across all costs."""
    name, look = f"target {exact_milliseconds(target)}", {"dash": "dash", "color": ORANGE}
    return line(name, [min(dollars), max(dollars)], [target, target], look, hoverinfo="skip")


def lower_edge(options: Sequence[Option]) -> list[Option]:
    """The options that no other beats in both cost and time to first token, cheapest first."""
    edge: list[Option] = []
    for option in sorted(options, key=lambda o: (cost_of(o), o.ttft_p95_ms.value)):
        if not edge or option.ttft_p95_ms.value < edge[-1].ttft_p95_ms.value:
            edge.append(option)
    return edge


def points(options: list[Option], name: str, colour: str, size: int, interval: bool) -> Part:
    """Options as points, with their evidence when hovered."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [cost_of(option) for option in options],
        "y": [option.ttft_p95_ms.value for option in options],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [option.ttft_p95_ms.high - option.ttft_p95_ms.value for option in options],
            "arrayminus": [option.ttft_p95_ms.value - option.ttft_p95_ms.low for option in options],
            "visible": interval,
        },
        "text": [label(option) for option in options],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": size, "color": colour},
    }


def capacity_curve(plan: Plan) -> Figure:
    """p95 latencies of one replica of the first option against its load, as shares of their targets."""
    option, wish = plan.options[0], plan.specification
    load = [point.requests_per_second for point in option.curve]
    chart = figure(
        f"One replica under load: {model_words(option)} on {option.gpu}",
        {"title": "requests a second, one replica", "rangemode": "tozero"},
        {"title": "p95, share of its target", "tickformat": ".0%", "range": [0, 1.5]},
        *(
            line(
                f"{name} ≤ {exact_milliseconds(getattr(wish, field))}",
                load,
                shares_of(option.curve, wish, field),
                {"color": colour, "width": 2},
                customdata=[milliseconds(getattr(point, field)) for point in option.curve],
                hovertemplate=f"{name} %{{customdata}} at %{{x:.3g}} requests/s<extra></extra>",
            )
            for name, field, colour in LATENCIES
            if getattr(wish, field) is not None
        ),
    )
    planned = (option.requests_per_second or wish.peak_requests_per_second) / option.replicas
    capacity = option.capacity_requests_per_second
    chart["layout"]["shapes"] = [
        {"type": "line", "x0": 0, "x1": 1, "xref": "x domain", "y0": 1, "y1": 1, "yref": "y"}
        | {"line": {"dash": "dash", "color": ORANGE, "width": 1}},
        vertical_line(planned),
        vertical_line(capacity),
    ]
    middle = load[-1] / 2
    chart["layout"]["annotations"] = [
        line_label(planned, f"planned {number(planned)}/s", 1.42, left=planned > middle),
        line_label(capacity, f"carries {number(capacity)}/s", 1.28, left=capacity > middle),
    ]
    return chart


def sessions_against_cache(plan: Plan) -> Figure:
    """Sessions of one replica of the first option, and the hit rate, against the size of its KV cache."""
    option, points = plan.options[0], plan.cache_curve
    tokens = [point.tokens for point in points]
    made = figure(
        f"Sessions that one replica carries: {model_words(option)} on {option.gpu}",
        {"title": "tokens of KV cache of a replica", "rangemode": "tozero"},
        {"title": "sessions", "rangemode": "tozero"},
        line(
            "sessions", tokens, [point.sessions for point in points], {"color": BLUE, "width": 2},
            hovertemplate="%{y:.3g} sessions at %{x:,.0f} tokens<extra></extra>",
        ),
        line(
            "prompt tokens found in the cache", tokens,
            [point.prefix_cache_hit_rate for point in points], {"color": GREEN, "width": 2},
            yaxis="y2", hovertemplate="%{y:.0%} found at %{x:,.0f} tokens<extra></extra>",
        ),
    )  # fmt: skip
    made["layout"]["yaxis2"] = axis(
        title="found", overlaying="y", side="right", range=[0, 1], tickformat=".0%", showgrid=False
    )
    return made


def itl_with_and_without_drafts(plan: Plan) -> Figure:
    """Time of a token in a replica against requests in flight, with and without drafts."""
    option, points = plan.options[0], plan.draft_curve
    load = [point.in_flight for point in points]
    return figure(
        f"Speculative decoding: {model_words(option)} on {option.gpu}",
        {"title": "requests in flight, one replica", "type": "log"},
        {"title": "ms a token, prompts apart", "rangemode": "tozero"},
        line(
            "without", load, [point.without_ms for point in points], {"color": ORANGE, "width": 2},
            hovertemplate="without: %{y:.3g} ms at %{x:.0f} in flight<extra></extra>",
        ),
        line(
            "with", load, [point.with_ms for point in points], {"color": BLUE, "width": 2},
            hovertemplate="with: %{y:.3g} ms at %{x:.0f} in flight<extra></extra>",
        ),
    )  # fmt: skip


def shares_of(curve: Sequence[CapacityPoint], wish: Specification, field: str) -> list[float]:
    """A latency along the curve, each as a share of its target."""
    target = float(getattr(wish, field))
    return [float(getattr(point, field)) / target for point in curve]


def tokens_against_concurrency(answer: CapacityAnswer) -> Figure:
    """Output tokens a second and ITL of the best arrangement against requests at once."""
    curve = list(answer.curve)
    load = [point.concurrent_requests for point in curve]
    tokens = [point.output_tokens_per_second_interval for point in curve]
    made = figure(
        f"Under load: {answer.gpu_count} × {answer.gpu}",
        {"title": "requests at once", "type": "log", "tickvals": ROUND},
        {"title": "output tokens a second", "rangemode": "tozero"},
        band(load, [figure_.low for figure_ in tokens], [figure_.high for figure_ in tokens]),
        line(
            "output tokens/s, 80 % interval",
            load,
            [figure_.value for figure_ in tokens],
            {"color": BLUE, "width": 2},
            hovertemplate="%{y:,.3s} tokens/s at %{x:.3g} requests<extra></extra>",
        ),
        line(
            "ITL, ms (right)",
            load,
            [point.itl_ms.value for point in curve],
            {"color": ORANGE, "width": 2, "dash": "dash"},
            yaxis="y2",
            customdata=[latency(point.itl_ms) for point in curve],
            hovertemplate="ITL %{customdata} at %{x:.3g} requests<extra></extra>",
        ),
        *marked(answer),
    )
    made["layout"]["yaxis2"] = axis(
        "ITL, ms", overlaying="y", side="right", rangemode="tozero", showgrid=False
    )
    return made


def band(x: list[float], low: list[float], high: list[float]) -> Part:
    """The interval of a line as a light area."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [*low, *reversed(high)],
        "fill": "toself",
        "fillcolor": "rgba(0,114,178,0.12)",
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def marked(answer: CapacityAnswer) -> list[Part]:
    """The stated load as a point on the line; none where none was stated."""
    point = answer.best.at_load if answer.best else None
    if point is None or answer.load is None or answer.load.form == "none":
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"your load: {number(point.concurrent_requests)} at once",
            "x": [point.concurrent_requests],
            "y": [point.output_tokens_per_second],
            "marker": {"size": 12, "color": GREEN, "symbol": "diamond"},
            "hovertemplate": f"{number(point.output_tokens_per_second)} tokens/s<extra></extra>",
        }
    ]


def vertical_line(x: float) -> Part:
    """A dotted vertical line."""
    look = {"dash": "dot", "color": GREY}
    return {"type": "line", "x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain", "line": look}


def line_label(x: float, text: str, y: float, left: bool) -> Part:
    """The label beside a vertical line."""
    side = {"xanchor": "right", "xshift": -4} if left else {"xanchor": "left", "xshift": 4}
    return {"x": x, "y": y, "text": text, "showarrow": False} | side
