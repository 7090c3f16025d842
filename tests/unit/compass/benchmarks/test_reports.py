"""Reports of load generators: what is read, what must be added, what is refused."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from compass.benchmarks import Run, fetch_runs, load_file
from compass.benchmarks.importers import READERS, ImportOptions, LoadReport
from compass.benchmarks.importers.import_options import precision_of
from compass.core import InvalidInput, Unavailable
from compass.store import Store

GUIDELLM = Path(__file__).parent / "data" / "guidellm.json"
"""Trimmed from a report that GuideLLM 0.8.1 wrote about the simulator, four streams."""
DATA = Path(__file__).parent / "data"
"""Beside it a sweep by GuideLLM 0.8.1 and two exports of AIPerf 0.13.0, trimmed likewise."""
H100 = ImportOptions(gpu="H100")
VLLM: dict[str, Any] = {
    "date": "20261101-120000", "model_id": "RedHatAI/Qwen3-8B-FP8", "num_prompts": 100, "request_rate": "inf",
    "max_concurrency": 16, "completed": 100, "total_input_tokens": 51200, "total_output_tokens": 25600,
    "mean_ttft_ms": 60.5, "mean_tpot_ms": 8.25, "mean_itl_ms": 8.2, "mean_e2el_ms": 2164.0,
}  # fmt: skip
AIPERF: dict[str, Any] = {
    "time_to_first_token": {"unit": "ms", "avg": 100.0, "p95": 150.0},
    "inter_token_latency": {"unit": "ms", "avg": 9.0},
    "request_latency": {"unit": "sec", "avg": 1.5},
    "input_sequence_length": {"unit": "tokens", "avg": 550.0},
    "output_sequence_length": {"unit": "tokens", "avg": 100.0},
    "input_config": {"endpoint": {"model_names": ["openai/gpt-oss-20b"]}, "loadgen": {"concurrency": 100}},
}
LLMD: dict[str, Any] = {
    "version": "0.2",
    "run": {"uid": "abc"},
    "scenario": {
        "stack": [
            {
                "metadata": {"kind": "inference_engine"},
                "standardized": {
                    "role": "aggregate",
                    "model": {"name": "Qwen/Qwen3-32B"},
                    "accelerator": {
                        "model": "NVIDIA-H100-80GB-HBM3", "count": 2, "parallelism": {"tp": 2, "dp": 1}
                    },
                },
            },
            {"metadata": {"kind": "generic"}, "standardized": {"tool": "router"}},
        ],
        "load": {"standardized": {"rate_qps": 4, "concurrency": float("inf")}},
    },
    "results": {"request_performance": {"aggregate": {
        "requests": {"input_length": {"mean": 2000.0}, "output_length": {"mean": 200.0}},
        "latency": {
            "time_to_first_token": {"units": "s", "mean": 0.2},
            "time_per_output_token": {"units": "s/token", "mean": 0.02},
            "request_latency": {"units": "s", "mean": 4.18},
        },
    }}},
}  # fmt: skip


def read(kind: str, path: Path, given: ImportOptions = H100) -> list[Run]:
    return list(READERS[kind][0](path, LoadReport(source="test"), given))


def written(folder: Path, document: dict[str, Any], name: str = "report.json") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(document) if name.endswith("yaml") else json.dumps(document))
    return path


def test_a_real_guidellm_report() -> None:
    (run,) = read("guidellm", GUIDELLM)

    assert (run.model, run.gpu, run.prompt_tokens) == ("meta-llama/Llama-3.1-8B-Instruct", "H100-SXM", 207)
    assert run.output_tokens == 64 and run.concurrency == pytest.approx(3.92, abs=0.01)
    assert run.ttft_ms == pytest.approx(40.5, abs=0.1) and run.itl_ms == pytest.approx(5.68, abs=0.01)
    assert run.e2e_ms == pytest.approx(399.2, abs=0.1)


def test_a_real_sweep_gives_a_run_for_each_load() -> None:
    one, flood, steady = read("guidellm", DATA / "guidellm_sweep.json")

    assert (one.concurrency, one.request_rate) == (1, None)
    assert flood.concurrency is not None and flood.concurrency > 100 and flood.request_rate is None
    assert steady.concurrency is None and steady.request_rate == pytest.approx(121.5, abs=0.1)
    # Under load requests wait inside the client too, which its TTFT does not count: a doubt, not a run.
    report = LoadReport(source="test")
    runs = READERS["guidellm"][0](DATA / "guidellm_sweep.json", report, H100)
    assert [bool(run.flags) for run in runs] == [False, False, True]
    assert report.examples == {next(iter(report.flagged)): ["benchmarks[2]"]}


def test_real_aiperf_exports_by_concurrency_and_by_rate() -> None:
    (four,) = read("aiperf", DATA / "aiperf_concurrency.json")
    (rated,) = read("aiperf", DATA / "aiperf_rate.json")

    assert (four.model, four.concurrency, four.request_rate) == ("meta-llama/Llama-3.1-8B-Instruct", 4, None)
    assert (rated.concurrency, rated.request_rate, rated.prompt_tokens) == (None, 6, 200)
    assert four.ttft_ms == pytest.approx(34.86, abs=0.01)


def test_an_aiperf_run_that_was_broken_off_is_left_out(tmp_path: Path) -> None:
    report = LoadReport(source="test")

    assert list(READERS["aiperf"][0](written(tmp_path, AIPERF | {"was_cancelled": True}), report, H100)) == []
    assert "was_cancelled" in report.first_reason


async def test_reports_of_one_name_are_runs_of_their_own(store: Store, tmp_path: Path) -> None:
    for folder, ttft in (("one", 60.5), ("two", 70.5), ("one", 60.5)):
        (tmp_path / folder).mkdir(exist_ok=True)
        report = await load_file(
            store, "vllm", written(tmp_path / folder, VLLM | {"mean_ttft_ms": ttft}), H100
        )
        assert report.replaced == 0

    assert report.unchanged
    loaded = [run for run in await fetch_runs(store) if run.source.startswith("vllm:report.json#")]
    assert sorted(run.ttft_ms or 0 for run in loaded) == [60.5, 70.5]


def test_a_vllm_result(tmp_path: Path) -> None:
    (run,) = read("vllm", written(tmp_path, VLLM), ImportOptions(gpu="H100", tensor_parallel=2))

    assert (run.prompt_tokens, run.output_tokens, run.concurrency) == (512, 256, 16)
    assert (run.ttft_ms, run.itl_ms, run.precision, run.tensor_parallel) == (60.5, 8.25, "fp8", 2)
    (rated,) = read("vllm", written(tmp_path, VLLM | {"request_rate": 5.0, "max_concurrency": None}))
    assert (rated.request_rate, rated.concurrency) == (5.0, None)


def test_an_aiperf_export_in_its_own_units(tmp_path: Path) -> None:
    (run,) = read("aiperf", written(tmp_path, AIPERF))

    assert (run.ttft_ms, run.itl_ms, run.e2e_ms, run.concurrency) == (100, 9, 1500, 100)
    assert (run.model, run.precision) == ("openai/gpt-oss-20b", "mxfp4")


def test_an_llmd_report_says_its_gpu_itself(tmp_path: Path) -> None:
    (run,) = read("llmd", written(tmp_path, LLMD, "report.yaml"), ImportOptions())

    assert (run.gpu, run.tensor_parallel, run.request_rate, run.concurrency) == ("H100-SXM", 2, 4, None)
    assert run.ttft_ms == pytest.approx(200) and run.itl_ms == pytest.approx(20)


@pytest.mark.parametrize(
    ("kind", "document", "said"),
    [
        ("vllm", AIPERF, "It looks like aiperf"),
        ("aiperf", VLLM, "It looks like vllm"),
        ("guidellm", {"x": 1}, "No known tool"),
        ("llmd", LLMD | {"version": "0.1"}, "0.2 is read"),
    ],
)
def test_a_file_of_another_tool_is_recognised(
    tmp_path: Path, kind: str, document: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        read(kind, written(tmp_path, document))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"mean_ttft_ms": 0.06, "mean_tpot_ms": 0.008}, "seconds"),
        ({"mean_ttft_ms": None}, "mean_ttft_ms"),
        ({"completed": 0}, "completed"),
        ({"mean_e2el_ms": 20.0}, "e2e_ms"),
        ({"request_rate": 500.0}, "above concurrency"),
        ({"mean_tpot_ms": float("nan"), "mean_itl_ms": float("nan")}, "itl_ms"),
    ],
)
def test_what_cannot_be_is_left_out_with_its_field(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    report = LoadReport(source="test")

    assert list(READERS["vllm"][0](written(tmp_path, VLLM | change), report, H100)) == []
    assert reason in report.first_reason


async def test_the_gpu_must_come_from_somewhere(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--gpu H100"):
        await load_file(store, "vllm", written(tmp_path, VLLM))


async def test_an_address_is_loaded_with_its_checksum(store: Store, address: str, tmp_path: Path) -> None:
    right = hashlib.sha256(GUIDELLM.read_bytes()).hexdigest()
    place = f"{address}/guidellm.json"

    with pytest.raises(InvalidInput, match="sha256"):
        await load_file(store, "guidellm", place, H100, "0" * 64)
    assert (await load_file(store, "guidellm", place, H100, right)).loaded == 1
    assert (await load_file(store, "guidellm", place, H100, right)).unchanged
    assert len(await fetch_runs(store, sources=[f"guidellm:guidellm.json#{right[:6]}"])) == 1
    with pytest.raises(Unavailable, match="cannot be fetched"):
        await load_file(store, "guidellm", f"{address}/none.json", H100)


@pytest.fixture
def address() -> Iterator[str]:
    """A web server over the folder of the reports."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(GUIDELLM.parent))

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        ("x/Y-NVFP4", "nvfp4"),
        ("x-MXFP4", "mxfp4"),
        ("a-AWQ", "int4"),
        ("Qwen3-8B", "bf16"),
        ("q-w8a8", "int8"),
    ],
)
def test_the_precision_stands_in_the_name(name: str, precision: str) -> None:
    assert precision_of(ImportOptions(), name) == precision
    assert precision_of(ImportOptions(precision="fp8"), name) == "fp8"
