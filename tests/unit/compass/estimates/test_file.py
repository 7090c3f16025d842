"""A line of estimates, or a reason, for every line."""

import csv
import math
from pathlib import Path

import pytest

from compass.catalog import load_catalog, resolve_precision
from compass.core import InvalidInput
from compass.estimates import estimate_file
from compass.estimates.file import OUT_COLUMNS, rows_of

LINE = {
    "model": "meta-llama/Llama-3.1-8B-Instruct", "gpu": "H100-SXM", "precision": "fp8", "gpus": "1",
    "tensor_parallel": "1", "data_parallel": "1", "prompt_tokens": "1024", "output_tokens": "256",
    "concurrency": "16",
}  # fmt: skip


def one(**changes: str) -> dict[str, str]:
    return rows_of([LINE | changes], load_catalog())[0]


def test_a_closed_loop_gets_every_typical_figure() -> None:
    row = one()

    assert row["reason"] == ""
    assert float(row["ttft_low"]) < float(row["ttft_ms"]) < float(row["ttft_high"])
    assert float(row["itl_low"]) < float(row["itl_ms"]) < float(row["itl_high"])
    whole = float(row["ttft_ms"]) + 255 * float(row["itl_ms"])
    assert math.isclose(float(row["e2e_ms"]), whole, rel_tol=1e-3)


def test_open_load_has_tails_above_its_median() -> None:
    row = one(concurrency="", request_rate="5", load="open", num_prompts="300")

    assert float(row["ttft_ms"]) <= float(row["ttft_p95_ms"]) <= float(row["ttft_p99_ms"])
    assert float(row["itl_ms"]) <= float(row["itl_p95_ms"]) * 1.001


def test_a_burst_waits_longer_than_a_steady_loop() -> None:
    steady = one(concurrency="64")
    burst = one(concurrency="64", load="burst", num_prompts="64")

    assert float(burst["ttft_ms"]) > float(steady["ttft_ms"])


def test_independent_copies_share_the_load() -> None:
    two = one(load="closed", concurrency="32", gpus="2", data_parallel="2")
    assert two["itl_ms"] == one(load="closed", concurrency="16")["itl_ms"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gpu": "H1000"}, "H100-SXM"),
        ({"model": "somebody/else"}, "tells no size"),
        ({"model": "meta-llama/Llama-3.1-405B", "precision": "bf16"}, "does not fit"),
        ({"concurrency": "-3"}, "concurrency"),
        ({"prompt_tokens": ""}, "prompt_tokens"),
        ({"concurrency": ""}, "request_rate"),
        ({"precision": "fp13"}, "precision"),
    ],
)
def test_what_cannot_be_estimated_says_why(change: dict[str, str], reason: str) -> None:
    row = one(**change)

    assert reason in row["reason"]
    assert row["ttft_ms"] == ""


def test_the_file_has_a_line_for_each_line_in_order(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, LINE)
        writer.writeheader()
        writer.writerows([LINE, LINE | {"gpu": "H1000"}, LINE | {"concurrency": "64"}])

    report = estimate_file(source, target, load_catalog())

    rows = list(csv.DictReader(target.open()))
    assert (report.answered, report.refused) == (2, 1)
    assert list(rows[0]) == list(OUT_COLUMNS)
    assert [bool(row["reason"]) for row in rows] == [False, True, False]


def test_a_file_without_the_columns_writes_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("a,b\n1,2\n")

    with pytest.raises(InvalidInput, match="columns missing: model"):
        estimate_file(source, target, load_catalog())
    assert list(tmp_path.iterdir()) == [source]


def test_the_format_is_read_from_the_name_where_the_column_is_empty() -> None:
    assert resolve_precision("", "Qwen/Qwen2.5-7B-Instruct-AWQ") == "int4"
    assert resolve_precision("fp4", "x") == "nvfp4"
