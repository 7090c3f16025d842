import pytest

from compass.catalog import Precision, format_problem, format_support, format_table, load_catalog, resolve_gpu
from compass.catalog.benchmark_gpus import other_gpus

CATALOG = load_catalog()
PRECISIONS: tuple[Precision, ...] = ("bf16", "fp8", "int8", "int4", "mxfp4", "nvfp4")
# How vLLM runs bf16, fp8, int8, int4, mxfp4, nvfp4: native, weight-only, not (vLLM's documentation).
RUNS = {
    "V100": "- - - - - -",
    "T4": "- w n w - w",
    "A100-80-SXM": "n w n w w w",
    "A10G": "n w n w w w",
    "RTX-3090": "n w n w w w",
    "L4": "n n n w w w",
    "L40S": "n n n w w w",
    "RTX-4090": "n n n w w w",
    "H100-SXM": "n n n w w w",
    "H200": "n n n w w w",
    "GH200": "n n n w w w",
    "B200": "n n - w n n",
    "B300": "n n - w n n",
    "GB200": "n n - w n n",
    "RTX-PRO-6000": "n n - w w n",
    "RTX-5090": "n n - w w n",
    "GB10": "n n - w w n",
    "MI250X": "n - - - - -",
    "MI300X": "n n - - w -",
    "MI325X": "n n - - w -",
    "MI355X": "n n - - n -",
    "Gaudi2": "n n - - - -",
    "Gaudi3": "n n - - - -",
}
LETTER = {"native": "n", "weight_only": "w", "no": "-"}


@pytest.mark.parametrize("gpu", RUNS)
def test_a_gpu_runs_the_formats_that_vllms_documentation_says(gpu: str) -> None:
    found = [format_support(precision, resolve_gpu(CATALOG, gpu)) for precision in PRECISIONS]
    assert " ".join(LETTER[row.runs] if row else "?" for row in found) == RUNS[gpu]


def test_every_pair_of_format_and_gpu_is_in_the_table() -> None:
    gpus = [*CATALOG.gpus, *other_gpus().values()]
    pairs = [(gpu.name, precision) for gpu in gpus for precision in PRECISIONS]
    missing = [pair for pair in pairs if format_support(pair[1], resolve_gpu(CATALOG, pair[0])) is None]
    assert not missing


def test_a_native_format_has_a_tensor_path_on_the_gpu() -> None:
    for gpu in CATALOG.gpus:
        rates = gpu.dense_tflops
        path = {"fp8": rates.fp8, "int8": rates.int8, "nvfp4": rates.fp4, "mxfp4": rates.fp4}
        for precision in PRECISIONS[1:]:
            row = format_support(precision, gpu)
            if row and row.runs == "native":
                assert path[precision], f"{precision} on {gpu.name}"


def test_a_pair_that_does_not_start_says_why() -> None:
    blackwell, ampere = resolve_gpu(CATALOG, "B200"), resolve_gpu(CATALOG, "A100-80-SXM")
    problem = format_problem("int8", blackwell)
    assert problem and problem.startswith("vLLM does not start int8 (w8a8) on Blackwell: ")
    assert format_problem("int8", ampere) is None


def test_a_generation_that_no_source_speaks_of_is_not_offered() -> None:
    unknown = resolve_gpu(CATALOG, "MI355X").model_copy(update={"architecture": "CDNA 9"})
    assert format_support("fp8", unknown) is None
    assert (
        format_problem("fp8", unknown)
        == "vLLM does not start fp8 (w8a8) on CDNA 9: no source says that it does"
    )


def test_every_row_that_says_no_has_a_note_and_every_row_a_source() -> None:
    table = format_table()
    for row in (*table.nvidia, *table.amd, *table.intel):
        assert row.sources and set(row.sources) <= set(table.sources)
        assert row.starts or row.note
