"""What people may choose about manifests, and hostile values anywhere."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compass.capacity import Estimator
from compass.catalog import Catalog, load_catalog
from compass.core import InvalidInput
from compass.manifests import Manifests
from compass.manifests.vllm_arguments import MAX_BATCHED_TOKENS
from compass.planning import replica_of
from tests.unit.compass.serving.example import OPTION, SPECIFICATION, rendered

CATALOG = load_catalog()
SERVING = [gpu for gpu in CATALOG.gpus if gpu.vendor != "intel"]


def objects(manifests: Manifests) -> dict[str, Any]:
    """Each object by its kind."""
    return {document["kind"]: document for document in yaml.safe_load_all(manifests.text)}


def container(manifests: Manifests) -> dict[str, Any]:
    found: dict[str, Any] = objects(manifests)["InferenceService"]["spec"]["predictor"]["containers"][0]
    return found


def option_of(model: str, checkpoint: str) -> Any:
    return OPTION.model_copy(update={"model": model, "checkpoint": checkpoint})


@pytest.mark.parametrize("gpu", SERVING, ids=lambda gpu: str(gpu.name))
def test_every_gpu_with_an_image_is_rendered(gpu: Any) -> None:
    made = objects(rendered(OPTION.model_copy(update={"gpu": gpu.name})))
    predictor = made["InferenceService"]["spec"]["predictor"]
    assert predictor["containers"][0]["resources"]["limits"][gpu.resource] == "1"
    terms = predictor["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert terms["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] == list(gpu.product_labels)


@pytest.mark.parametrize("model", CATALOG.models, ids=lambda model: str(model.name))
def test_every_checkpoint_is_rendered(model: Any) -> None:
    for checkpoint in model.checkpoints:
        made = container(rendered(option_of(model.id, checkpoint.id)))
        assert made["args"][0] == checkpoint.id
        assert "--trust-remote-code" not in made["args"]
        tokens = [variable for variable in made["env"] if variable["name"] == "HF_TOKEN"]
        assert bool(tokens) == (model.gated is not False)


def test_a_gpu_without_an_image_asks_for_one() -> None:
    gaudi = OPTION.model_copy(update={"gpu": "Gaudi3"})
    with pytest.raises(InvalidInput, match="image: no published vLLM image for Gaudi3"):
        rendered(gaudi)

    made = rendered(gaudi, image="registry.example/vllm-gaudi:1.24")

    predictor = objects(made)["InferenceService"]["spec"]["predictor"]
    assert predictor["containers"][0]["command"] == ["vllm", "serve"]
    assert "affinity" not in predictor and any("node affinity by hand" in note for note in made.notes)


def test_a_models_own_code_runs_only_where_a_person_agreed() -> None:
    kimi = next(model for model in CATALOG.models if model.trust_remote_code)
    option = option_of(kimi.id, kimi.checkpoints[0].id)

    refused = rendered(option)
    agreed = rendered(option, allow_remote_code=True)
    useless = rendered(allow_remote_code=True)

    assert "--trust-remote-code" not in container(refused)["args"]
    assert any("allow_remote_code" in note for note in refused.notes)
    assert "--trust-remote-code" in container(agreed)["args"]
    assert "--trust-remote-code" not in container(useless)["args"]


@pytest.mark.parametrize(
    ("choice", "kind", "scaler"),
    [
        ("keda", "ScaledObject", "external"),
        ("hpa", "HorizontalPodAutoscaler", "external"),
        ("none", None, "none"),
    ],
)
def test_one_autoscaler_at_most_and_never_on_the_service(choice: Any, kind: str | None, scaler: str) -> None:
    made = objects(rendered(name="tiny", autoscaler=choice))

    scalers = {"ScaledObject", "HorizontalPodAutoscaler"} & set(made)
    assert scalers == ({kind} if kind else set())
    assert made["InferenceService"]["metadata"]["annotations"]["serving.kserve.io/autoscalerClass"] == scaler
    if kind:
        target = made[kind]["spec"]["scaleTargetRef"]
        assert (target["kind"], target["name"]) == ("Deployment", "tiny-predictor")


def test_a_model_cache_is_a_volume_that_all_replicas_share() -> None:
    made = objects(rendered(name="tiny", model_cache=True))
    volumes = made["InferenceService"]["spec"]["predictor"]["volumes"]
    assert {"name": "cache", "persistentVolumeClaim": {"claimName": "tiny"}} in volumes
    assert made["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_targets_are_bounds_of_the_engines_histograms_and_of_the_alerts() -> None:
    manifests = rendered(OPTION, SPECIFICATION.model_copy(update={"itl_p95_ms": 33.0}))

    words = [word for word in container(manifests)["args"] if word.startswith("--custom-histogram-buckets=")]
    buckets = json.loads(words[0].partition("=")[2])
    assert 0.033 in buckets["inter_token_latency"] and 0.3 in buckets["time_to_first_token"]
    assert buckets["request_latency"] == sorted(buckets["request_latency"])
    rules = objects(manifests)["PrometheusRule"]["spec"]["groups"][0]["rules"]
    assert any('le="0.033"' in rule["expr"] for rule in rules)


@pytest.mark.parametrize("percentile", ["mean", "p50", "p90", "p95", "p99"])
def test_every_alert_can_fire_and_every_expression_closes_its_brackets(percentile: str) -> None:
    wish = SPECIFICATION.model_copy(update={"percentile": percentile})
    groups = objects(rendered(OPTION, wish))["PrometheusRule"]["spec"]["groups"]
    for rule in (rule for group in groups for rule in group["rules"]):
        assert all(rule["expr"].count(a) == rule["expr"].count(b) for a, b in ("()", "[]", "{}"))
        if "Burn" in rule.get("alert", ""):
            limits = [float(part.split()[0]) for part in rule["expr"].split("> ")[1:]]
            assert all(0 < limit < 1 for limit in limits)


def test_pods_start_as_the_plan_assumed(catalog: Catalog) -> None:
    profile = replica_of(OPTION, SPECIFICATION, catalog, Estimator.for_plans())

    assert profile.max_num_batched_tokens == MAX_BATCHED_TOKENS
    assert "--gpu-memory-utilization=0.9" in container(rendered(catalog=catalog))["args"]


def test_slow_starts_are_waited_for() -> None:
    large = next(model for model in CATALOG.models if model.name == "DeepSeek-V3")
    probe = container(rendered(option_of(large.id, large.checkpoints[0].id)))["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] >= 1800
    small = container(rendered())["startupProbe"]
    assert 600 <= small["failureThreshold"] * small["periodSeconds"] <= 900


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("namespace", "Default"),
        ("namespace", 'a"\nkind: Pod'),
        ("image", "vllm"),
        ("image", "vllm:latest; rm -rf /"),
        ("image", "vllm:latest\nprivileged: true"),
        ("prometheus_url", "file:///etc/passwd"),
        ("prometheus_url", 'http://a"}) or vector(1) #'),
        ("monitor_release", "{{ v.name }}"),
        ("monitor_release", "a" * 64),
    ],
)
def test_settings_that_would_be_read_as_something_else_are_refused(field: str, value: str) -> None:
    chosen: dict[str, Any] = {field: value}
    with pytest.raises(InvalidInput) as error:
        rendered(**chosen)
    assert error.value.field == field


def test_a_host_name_that_would_be_too_long_is_refused_before_kserve_does() -> None:
    with pytest.raises(InvalidInput, match="Shorten the name to 12 characters"):
        rendered(name="a" * 30, namespace="n" * 40)
    assert len(rendered(namespace="n" * 40).manifests[0].name) <= 12


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        '"',
        "'",
        "a: b",
        "- x",
        "{{ v.name }}",
        "{% raw %}",
        "a\nkind: Pod",
        "a\u2028b: c",
        "\x85kind: Pod",
        "# c",
        "---",
        "!!python/x",
    ]
)


@settings(max_examples=60)
@given(HOSTILE, HOSTILE)
def test_whatever_text_an_option_holds_it_stays_text(identifier: str, arithmetic: str) -> None:
    option = OPTION.model_copy(update={"option_id": identifier, "replica_arithmetic": arithmetic})

    made = objects(rendered(option))

    assert len(made) == 7 and "Pod" not in made
    annotations = made["InferenceService"]["metadata"]["annotations"]
    assert annotations["compass/option"] == identifier
    assert annotations["compass/arithmetic"].endswith(arithmetic)


@settings(max_examples=60)
@given(HOSTILE)
def test_a_hostile_namespace_is_refused_or_is_only_a_namespace(namespace: str) -> None:
    try:
        made = objects(rendered(namespace=namespace))
    except InvalidInput as error:
        assert error.field in ("namespace", "name")
        return
    assert {document["metadata"]["namespace"] for document in made.values()} == {namespace}
