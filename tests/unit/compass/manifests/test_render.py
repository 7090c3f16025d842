"""Manifests: golden files, schemas, hostile names. `UPDATE_GOLDEN=1 make test` rewrites the golden files."""

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compass.catalog import load_catalog
from compass.core import Evidence, Interval, InvalidInput
from compass.planning import Option, Specification, Wishes, specify
from tests.unit.compass.serving.example import rendered

GOLDEN = Path(__file__).parents[3] / "golden" / "manifests"
CATALOG = load_catalog()
FIGURE = Interval(value=100, low=80, high=120)


def wish(**wishes: object) -> Specification:
    said = Wishes(use_case="chatbot_conversational", user_count=5000)
    return specify(CATALOG, said.changed(**wishes))


def option(model: str, precision: str, gpu: str, size: int, replicas: int) -> Option:
    known = next(entry for entry in CATALOG.models if entry.id == model)
    checkpoint = next(entry for entry in known.checkpoints if entry.precision == precision)
    return Option(
        option_id="option-0001", model=model, checkpoint=checkpoint.id, precision=checkpoint.precision,
        gpu=gpu, tensor_parallel=size, replicas=replicas, gpus=size * replicas, gpus_billed=size * replicas,
        concurrency_per_replica=20, capacity_requests_per_second=8, utilization=0.8,
        replica_arithmetic=f"ceil(12.8 / (8 × 0.80)) = {replicas}", binding_constraint="ITL",
        ttft_p95_ms=FIGURE, itl_p95_ms=FIGURE, e2e_p95_ms=FIGURE, slo_probability=0.9,
        evidence=Evidence(kind="estimated"),
        usd_per_gpu_hour=2, price_source="example", usd_per_hour=4, usd_per_month=2920,
        usd_per_million_output_tokens=1, usd_per_million_input_tokens=1,
        usd_per_million_output_tokens_full_load=1,
        cost_arithmetic="", quality=70, quality_note="", score=0.7, why="",
    )  # fmt: skip


SMALL = option("Qwen/Qwen3-8B", "fp8", "L40S", 1, 2)
LARGE = option("meta-llama/Llama-3.3-70B-Instruct", "fp8", "H100-SXM", 4, 3)


@pytest.mark.parametrize(
    ("name", "chosen", "specification"),
    [("small", SMALL, wish()), ("large", LARGE, wish(ttft_ms=500, availability="n+1"))],
)
def test_the_manifests_are_the_golden_ones(name: str, chosen: Option, specification: Specification) -> None:
    text = rendered(chosen, specification).text
    path = GOLDEN / f"{name}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert text == path.read_text(encoding="utf-8")


def test_a_stream_holds_every_object_once() -> None:
    documents = list(yaml.safe_load_all(rendered(SMALL, wish()).text))

    kinds = [document["kind"] for document in documents]
    assert sorted(kinds) == sorted(set(kinds)) and "InferenceService" in kinds and len(kinds) == 7


def test_a_gated_model_takes_its_token_from_a_secret_only() -> None:
    service = yaml.safe_load(rendered(LARGE, wish()).manifests[1].yaml)

    variables = service["spec"]["predictor"]["containers"][0]["env"]
    token = next(variable for variable in variables if variable["name"] == "HF_TOKEN")
    assert "value" not in token and token["valueFrom"]["secretKeyRef"]["name"] == "hf-token"


def test_pods_pass_the_restricted_level_and_run_nobody_elses_code() -> None:
    service = yaml.safe_load(rendered(SMALL, wish()).manifests[1].yaml)

    predictor = service["spec"]["predictor"]
    container = predictor["containers"][0]
    assert predictor["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not any("trust-remote-code" in word for word in container["args"])


@given(name=st.text(min_size=1, max_size=60))
def test_a_hostile_name_is_refused_or_is_only_a_name(name: str) -> None:
    try:
        manifests = rendered(SMALL, wish(), name=name)
    except InvalidInput as error:
        assert "Kubernetes name" in str(error)
        return
    for document in yaml.safe_load_all(manifests.text):
        assert document["metadata"]["name"] == name


def documents(chosen: Option, specification: Specification) -> dict[str, dict[str, object]]:
    texts = yaml.safe_load_all(rendered(chosen, specification).text)
    return {document["kind"]: document for document in texts}


def arguments(chosen: Option, specification: Specification) -> list[str]:
    service = yaml.safe_load(rendered(chosen, specification).manifests[1].yaml)
    found: list[str] = service["spec"]["predictor"]["containers"][0]["args"]
    return found


def test_a_target_that_was_dropped_has_no_alert_and_no_bucket() -> None:
    rules = yaml.safe_dump(documents(SMALL, wish(no_targets=("itl",)))["PrometheusRule"])

    assert "CompassTTFTBurn1h" in rules and "CompassE2EBurn1h" in rules
    assert "CompassITLBurn1h" not in rules and "CompassEngineAbsent" in rules


def test_a_job_is_watched_for_its_engine_and_not_for_latencies() -> None:
    job = wish(batch_items=100_000)
    texts = documents(SMALL, job)

    assert "Burn1h" not in yaml.safe_dump(texts["PrometheusRule"])
    assert "CompassEngineAbsent" in yaml.safe_dump(texts["PrometheusRule"])
    # 20 in flight are planned for a replica, and no burst comes on top.
    assert "--max-num-seqs=20" in arguments(SMALL, job)
    assert "--max-num-seqs=40" in arguments(SMALL, wish())


def test_the_window_that_was_said_is_the_one_that_is_served() -> None:
    assert "--max-model-len=20000" in arguments(SMALL, wish(context_tokens=20_000))
    # Qwen3-8B takes 40,960 tokens and no more.
    assert "--max-model-len=40960" in arguments(SMALL, wish(context_tokens=400_000))
