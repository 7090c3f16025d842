"""Two pictures of a plan: cost against latency, and the capacity curve of an option."""

from plotly import graph_objects as go

from tools.planning.types import Option, Plan

MARGIN = {"l": 56, "r": 16, "t": 40, "b": 48}
# Readable on light and on dark ground, and apart for colour-blind eyes (Okabe and Ito 2008).
BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#8a8f98"


def figure(title: str, x_title: str, y_title: str) -> go.Figure:
    """An empty chart in our style, transparent, so that it follows the page's theme."""
    chart = go.Figure()
    chart.update_layout(
        title={"text": title, "font": {"size": 14}},
        xaxis={"title": x_title, "gridcolor": "rgba(138,143,152,0.25)", "zeroline": False},
        yaxis={"title": y_title, "gridcolor": "rgba(138,143,152,0.25)", "rangemode": "tozero"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": GREY},
        margin=MARGIN,
        height=340,
        legend={"orientation": "h", "y": -0.25},
    )
    return chart


def label(option: Option) -> str:
    """An option in a few words."""
    gpus = f"{option.tensor_parallel} × {option.gpu}" if option.tensor_parallel > 1 else option.gpu
    return f"{option.model.rsplit('/', 1)[-1]} {option.precision}<br>{option.replicas} × {gpus}"


def cost_against_latency(plan: Plan) -> go.Figure:
    """Cost a month against p95 TTFT: the Pareto front as a line, the plan's options as named points."""
    chart = figure("Cost against time to first token", "US dollars a month", "p95 TTFT, ms")
    front = sorted(plan.pareto_front, key=lambda option: option.usd_per_month)
    if front:
        chart.add_trace(points(front, "Pareto front", GREY, mode="lines+markers"))
    chart.add_trace(points(list(plan.options), "options of this plan", BLUE, mode="markers", size=12))
    chart.add_hline(
        y=plan.specification.ttft_p95_ms,
        line={"dash": "dash", "color": ORANGE},
        annotation={"text": "target", "font": {"color": ORANGE}},
    )
    return chart


def points(options: list[Option], name: str, colour: str, mode: str, size: int = 6) -> go.Scatter:
    """Options as points, their interval as error bars and their evidence when hovered."""
    return go.Scatter(
        x=[option.usd_per_month for option in options],
        y=[option.ttft_p95_ms.value for option in options],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [option.ttft_p95_ms.high - option.ttft_p95_ms.value for option in options],
            "arrayminus": [option.ttft_p95_ms.value - option.ttft_p95_ms.low for option in options],
            "visible": mode == "markers",
        },
        text=[f"{label(option)}<br>{option.evidence.kind}" for option in options],
        hovertemplate="%{text}<br>$%{x:,.0f} a month · TTFT %{y:.0f} ms<extra></extra>",
        name=name,
        mode=mode,
        marker={"size": size, "color": colour},
        line={"color": colour, "width": 1},
    )


def capacity_curve(option: Option) -> go.Figure:
    """p95 latencies of one replica against its load, up to where a target breaks."""
    chart = figure(
        f"One replica of {option.model.rsplit('/', 1)[-1]} on {option.gpu} under load",
        "requests a second, one replica",
        "p95, ms",
    )
    load = [point.requests_per_second for point in option.curve]
    chart.add_trace(
        go.Scatter(x=load, y=[p.ttft_p95_ms for p in option.curve], name="TTFT", line={"color": BLUE})
    )
    chart.add_trace(
        go.Scatter(
            x=load,
            y=[p.itl_p95_ms for p in option.curve],
            name="ITL (right)",
            line={"color": ORANGE},
            yaxis="y2",
        )
    )
    chart.update_layout(
        yaxis2={"title": "ITL, ms", "overlaying": "y", "side": "right", "rangemode": "tozero"}
    )
    chart.add_vline(
        x=option.capacity_requests_per_second,
        line={"dash": "dash", "color": GREY},
        annotation={"text": f"capacity: {option.binding_constraint}"},
    )
    return chart
