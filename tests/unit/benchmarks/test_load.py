"""Loading runs: all or nothing, twice is once, and what is left out is said."""

import json
from pathlib import Path

import pytest

from tools.benchmarks import ensure_shipped, fetch_runs
from tools.benchmarks.load import load_file
from tools.errors import InvalidInput
from tools.store import Store

UPSTREAM = Path(__file__).parents[4] / "shared" / "data" / "upstream"
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


@pytest.mark.skipif(not UPSTREAM.is_dir(), reason="the first Compass' files are not beside this checkout")
@pytest.mark.parametrize(
    ("kind", "name", "rows"),
    [
        ("blis", "benchmarks_BLIS.json", 1135),
        ("estimated", "benchmarks_estimated_performance.json", 70),
        ("interpolated", "benchmarks_interpolated_v2.json", 500),
    ],
)
async def test_the_first_compass_files_load_whole(store: Store, kind: str, name: str, rows: int) -> None:
    first = await load_file(store, kind, UPSTREAM / name)
    second = await load_file(store, kind, UPSTREAM / name)

    assert first.loaded == rows
    assert second.unchanged
