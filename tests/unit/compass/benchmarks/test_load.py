"""Loading runs: all or nothing, twice is once, and what is left out is said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compass.benchmarks import ensure_shipped, fetch_runs, load_file, shipped_runs
from compass.benchmarks.importers.checks import doubts, percentile_doubts
from compass.benchmarks.table import REPEATS
from compass.core import InvalidInput
from compass.store import Store

HEAD = "run,model,gpu,precision,gpus,tensor_parallel,prompt_tokens,output_tokens,concurrency,ttft_ms,itl_ms\n"
ROW = "r1,Qwen/Qwen3-8B,H100,fp8,1,1,512,256,8,40,6\n"


async def test_the_shipped_runs_are_loaded_once(store: Store) -> None:
    await ensure_shipped(store)
    before = len(await fetch_runs(store, evidence=["measured"], sources=None))
    await ensure_shipped(store)

    assert before >= 895
    assert len(await fetch_runs(store, evidence=["measured"])) == before


async def test_a_second_load_is_a_no_op(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(HEAD + ROW)

    first, second = await load_file(store, "csv", path), await load_file(store, "csv", path)

    assert (first.loaded, second.loaded, second.unchanged) == (1, 0, True)
    assert len(await fetch_runs(store, sources=["csv:twice.csv"])) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW.replace(",40,", ",-1,"), "ttft_ms"),
        (ROW.replace(",40,", ",nan,"), "ttft_ms"),
        (ROW.replace(",40,6", ",0.04,0.006"), "seconds"),
        (ROW.replace(",40,6", ",0.9,0.02"), "seconds"),
        (ROW.replace("H100", "H1000"), "H1000"),
        (ROW.replace(",512,", ",many,"), "not a number"),
    ],
)
async def test_a_row_that_cannot_be_is_left_out_with_its_line(
    store: Store, tmp_path: Path, row: str, reason: str
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(HEAD + ROW + row)

    report = await load_file(store, "csv", path)

    assert report.loaded == 1 or report.unchanged
    (why, rows), *_ = report.examples.items()
    assert reason in why and rows == ["line 3"]


async def test_a_row_that_is_there_twice_is_flagged_and_used_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "repeats.csv"
    again, measured_again = ROW.replace("r1", "r2"), ROW.replace("r1,", "r3,").replace(",40,6", ",41,6")
    path.write_text(HEAD + ROW + again + measured_again)

    report = await load_file(store, "csv", path)

    assert (report.loaded, report.flagged.total(), report.examples[REPEATS]) == (3, 1, ["r2"])
    assert sorted(run.label for run in await fetch_runs(store, sources=["csv:repeats.csv"])) == ["r1", "r3"]


async def test_a_table_loaded_again_takes_the_place_of_the_earlier_and_says_so(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "grows.csv"
    path.write_text(HEAD + ROW)
    await load_file(store, "csv", path)
    path.write_text(HEAD + ROW + ROW.replace("r1,", "r2,").replace(",8,40", ",16,48"))

    report = await load_file(store, "csv", path)

    assert (report.loaded, report.replaced) == (2, 1)
    assert len(await fetch_runs(store, sources=["csv:grows.csv"])) == 2


async def test_a_file_that_breaks_off_in_the_middle_leaves_what_was_there(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "half.json"
    entry = {
        "model_hf_repo": "Qwen/Qwen3-8B", "hardware": "H100", "prompt_tokens": 512, "output_tokens": 256,
        "requests_per_second": 1, "ttft_mean": 20, "itl_mean": 6, "e2e_mean": 1550,
    }  # fmt: skip
    whole = json.dumps({"benchmarks": [entry | {"requests_per_second": rate} for rate in (1, 2, 3)]})
    path.write_text(whole)
    await load_file(store, "blis", path)
    path.write_text(whole[: len(whole) * 2 // 3])

    with pytest.raises(InvalidInput, match="not JSON"):
        await load_file(store, "blis", path)
    assert len(await fetch_runs(store, sources=["blis:half.json"])) == 3


def test_percentiles_out_of_order_and_other_definitions_are_doubts() -> None:
    assert percentile_doubts({"p90": 5, "p95": 6, "p99": 6.0}) == ()
    assert percentile_doubts({"p90": 7, "p95": None, "p99": 6}) == ("p90: is above p99",)
    run = next(run for run in shipped_runs() if run.e2e_ms)
    assert doubts(run) == ()
    assert "e2e_ms" in doubts(replace(run, e2e_ms=(run.e2e_ms or 0) / 2))[0]


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "{}", "\x00\x01", HEAD])
async def test_a_foreign_file_changes_nothing(store: Store, tmp_path: Path, content: str) -> None:
    path = tmp_path / "foreign.csv"
    path.write_text(content)

    with pytest.raises(InvalidInput, match="foreign"):
        await load_file(store, "csv", path)
    assert await fetch_runs(store, sources=["csv:foreign.csv"]) == []


async def test_truncated_json_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(json.dumps({"benchmarks": [{"model_id": "x"}]})[:-3])

    with pytest.raises(InvalidInput, match="not JSON"):
        await load_file(store, "blis", path)
