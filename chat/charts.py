"""Two pictures of a plan: cost against latency, and the capacity curve of an option."""

from collections.abc import Sequence
from typing import Any

from plotly import graph_objects as go

from tools.planning.types import LoadPoint, Option, Plan, Specification

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


def figure(title: str, x_axis: dict[str, Any], y_axis: dict[str, Any]) -> go.Figure:
    """An empty chart in our style, transparent, so that it follows the page's theme."""
    common = {"gridcolor": GRID, "zeroline": False, "automargin": True}
    chart = go.Figure()
    chart.update_layout(
        title={
            "text": title,
            "font": {"size": 14},
            "x": 0,
            "xanchor": "left",
            "xref": "container",
            "pad": {"l": 8},
        },
        xaxis=common | x_axis,
        yaxis=common | y_axis,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY, "size": 12},
        margin={"l": 8, "r": 16, "t": 44, "b": 8},
        height=HEIGHT,
        autosize=True,
        legend={"orientation": "h", "y": -0.3, "x": 0},
        hoverlabel={"align": "left"},
    )
    return chart


def label(option: Option) -> str:
    """An option in a few words."""
    gpus = f"({option.tensor_parallel} × {option.gpu})" if option.tensor_parallel > 1 else option.gpu
    quality = "quality not published" if option.quality is None else f"quality {option.quality:.0f}"
    return f"{option.model.rsplit('/', 1)[-1]} {option.precision}<br>{option.replicas} × {gpus} · {quality}"


def cost_against_latency(plan: Plan) -> go.Figure:
    """Cost a month against p95 TTFT: this plan's options with their intervals, and what nothing beats."""
    chart = figure(
        "Cost against time to first token",
        {"title": "US dollars a month", "type": "log", "tickformat": "$~s", "dtick": "D2"},
        {"title": "p95 TTFT, ms", "type": "log", "tickvals": ROUND},
    )
    front, options = list(plan.pareto_front), list(plan.options)
    edge = lower_edge([*front, *options])
    chart.add_trace(
        go.Scatter(
            x=[option.usd_per_month for option in edge],
            y=[option.ttft_p95_ms.value for option in edge],
            mode="lines",
            line={"color": GREY, "width": 1, "shape": "hv"},
            name="Pareto front",
            hoverinfo="skip",
        )
    )
    chart.add_trace(points(front, "better in quality", GREY, size=6, interval=False))
    chart.add_trace(points(options, "options, 80 % interval", BLUE, size=11, interval=True))
    dollars = [option.usd_per_month for option in (*front, *options)]
    target = plan.specification.ttft_p95_ms
    chart.add_trace(
        go.Scatter(
            x=[min(dollars), max(dollars)],
            y=[target, target],
            mode="lines",
            line={"dash": "dash", "color": ORANGE},
            name=f"target {target:g} ms",
            hoverinfo="skip",
        )
    )
    return chart


def lower_edge(options: Sequence[Option]) -> list[Option]:
    """The options that none beats in cost and time to first token both, cheapest first."""
    edge: list[Option] = []
    for option in sorted(options, key=lambda o: (o.usd_per_month, o.ttft_p95_ms.value)):
        if not edge or option.ttft_p95_ms.value < edge[-1].ttft_p95_ms.value:
            edge.append(option)
    return edge


def points(options: list[Option], name: str, colour: str, size: int, interval: bool) -> go.Scatter:
    """Options as points, with their evidence when hovered."""
    return go.Scatter(
        x=[option.usd_per_month for option in options],
        y=[option.ttft_p95_ms.value for option in options],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [option.ttft_p95_ms.high - option.ttft_p95_ms.value for option in options],
            "arrayminus": [option.ttft_p95_ms.value - option.ttft_p95_ms.low for option in options],
            "visible": interval,
        },
        text=[f"{label(option)}<br>{option.evidence.kind}" for option in options],
        hovertemplate="%{text}<br>$%{x:,.0f} a month · TTFT %{y:.0f} ms<extra></extra>",
        name=name,
        mode="markers",
        marker={"size": size, "color": colour},
    )


def capacity_curve(plan: Plan) -> go.Figure:
    """p95 latencies of one replica of the first option against its load, as shares of their targets."""
    option, wish = plan.options[0], plan.specification
    chart = figure(
        f"One replica under load: {option.model.rsplit('/', 1)[-1]} on {option.gpu}",
        {"title": "requests a second, one replica", "rangemode": "tozero"},
        {"title": "p95, share of its target", "tickformat": ".0%", "range": [0, 1.5]},
    )
    load = [point.requests_per_second for point in option.curve]
    for name, field, colour in LATENCIES:
        shares = shares_of(option.curve, wish, field)
        chart.add_trace(
            go.Scatter(
                x=load,
                y=shares,
                customdata=[getattr(point, field) for point in option.curve],
                hovertemplate=f"{name} %{{customdata:,.0f}} ms at %{{x:.3g}} requests/s<extra></extra>",
                name=f"{name} ≤ {getattr(wish, field):,g} ms",
                mode="lines",
                line={"color": colour, "width": 2},
            )
        )
    chart.add_hline(y=1, line={"dash": "dash", "color": ORANGE, "width": 1})
    planned = wish.peak_requests_per_second / option.replicas
    mark(chart, planned, f"planned {planned:.3g}/s", "left" if planned > load[-1] / 2 else "right", 1.42)
    capacity = option.capacity_requests_per_second
    mark(chart, capacity, f"carries {capacity:.3g}/s", "left" if capacity > load[-1] / 2 else "right", 1.28)
    return chart


def shares_of(curve: Sequence[LoadPoint], wish: Specification, field: str) -> list[float]:
    """A latency along the curve, each as a share of its target."""
    target = float(getattr(wish, field))
    return [float(getattr(point, field)) / target for point in curve]


def mark(chart: go.Figure, x: float, text: str, side: str, y: float) -> None:
    """A vertical line with its meaning written beside it."""
    chart.add_vline(x=x, line={"dash": "dot", "color": GREY})
    anchor, shift = ("right", -4) if side == "left" else ("left", 4)
    chart.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor=anchor, xshift=shift)
