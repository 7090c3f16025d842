"""The first Compass' files and the measured runs, each alone: plans follow the evidence they stand on."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from cli.benchmarks import set_state
from compass.benchmarks import SHIPPED_SOURCE, Run, ensure_shipped, fetch_runs, load_file
from compass.capacity import Estimator, configuration_of
from compass.capacity.evidence_runs import load_of
from compass.catalog import load_catalog
from compass.planning import Option, SearchSpace, Wishes, make_plan, specify
from compass.store import Store

UPSTREAM = Path(__file__).parents[5] / "shared" / "data" / "upstream"
BLIS = "blis:benchmarks_BLIS.json"
pytestmark = pytest.mark.skipif(
    not UPSTREAM.is_dir(), reason="the first Compass' files are not beside this checkout"
)


@pytest.fixture
async def loaded(store: Store) -> AsyncIterator[Store]:
    await ensure_shipped(store)
    await load_file(store, "blis", UPSTREAM / "benchmarks_BLIS.json")
    yield store
    for source in (BLIS, SHIPPED_SOURCE):
        await set_state(store, source, "used")


async def alone(store: Store, source: str) -> Estimator:
    """What planning stands on when one source is pinned."""
    for other in (BLIS, SHIPPED_SOURCE):
        await set_state(store, other, "pinned" if other == source else "used")
    return await Estimator.from_store(store, load_catalog())


def best(estimator: Estimator) -> Option:
    catalog = load_catalog()
    wish = specify(catalog, Wishes(
        use_case="chatbot_conversational", user_count=20_000, preferred_models=("Llama-3.1-8B",),
        preferred_gpu_types=("H100-SXM",),
    ))  # fmt: skip
    return make_plan(SearchSpace(catalog, estimator), wish).options[0]


async def test_plans_differ_as_their_evidence_does(loaded: Store) -> None:
    simulated, measured = await alone(loaded, BLIS), await alone(loaded, SHIPPED_SOURCE)

    assert set(simulated.runs.kinds) == {"simulated"} and set(measured.runs.kinds) == {"measured"}
    by_blis, by_runs = best(simulated), best(measured)
    assert by_blis.evidence.nearest_source == BLIS
    assert by_blis.evidence.nearest is not None and by_blis.evidence.nearest.endswith("(simulated)")
    assert by_runs.evidence.nearest_source != BLIS
    assert by_blis.capacity_requests_per_second != by_runs.capacity_requests_per_second
    # Another simulator's output is never passed off as a measurement.
    assert by_blis.evidence.kind == "estimated" == by_runs.evidence.kind


async def test_each_estimator_is_nearer_to_its_own_evidence(loaded: Store) -> None:
    simulated, measured = await alone(loaded, BLIS), await alone(loaded, SHIPPED_SOURCE)
    known = {model.id for model in load_catalog().models}
    every = await fetch_runs(loaded, sources=[BLIS])
    rows = [run for run in every if run.gpu == "H100-SXM" and run.model in known][::20]

    assert len(rows) > 5
    assert error(simulated, rows) < error(measured, rows)


def error(estimator: Estimator, rows: list[Run]) -> float:
    """Median of the log error of ITL over runs."""
    errors = []
    for run in rows:
        assert run.itl_ms is not None
        load = np.array([max(1.0, load_of(run))])
        seen = estimator.predict(
            [configuration_of(run, load_catalog())], load, run.prompt_tokens, run.output_tokens
        )
        errors.append(abs(float(np.log(seen.itl_ms[0, 0] / run.itl_ms))))
    return float(np.median(errors))


async def test_every_row_loads_and_the_doubtful_ones_are_said_and_kept_out(store: Store) -> None:
    counts = {}
    for kind, name in (
        ("blis", "BLIS"),
        ("estimated", "estimated_performance"),
        ("interpolated", "interpolated_v2"),
    ):
        path = UPSTREAM / f"benchmarks_{name}.json"
        async with store.connection() as connection:
            await connection.execute("DELETE FROM sources WHERE name = %s", [f"{kind}:{path.name}"])
        report = await load_file(store, kind, path)
        assert (await load_file(store, kind, path)).unchanged
        used = await fetch_runs(store, sources=[report.source])
        counts[kind] = (report.loaded, report.left_out)
        assert len(used) < report.loaded
        assert all(report.examples[doubt] for doubt in report.flagged)

    assert counts == {"blis": (1135, 0), "estimated": (70, 0), "interpolated": (500, 0)}
