"""What render_yaml shows is what deploy sends to a cluster, object by object and byte by byte."""

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from compass.core import InvalidInput
from compass.manifests import Manifests
from compass.planning import Option, Plan
from compass.serving import ApprovalRequest, Deployment
from compass.serving.cluster import connect
from compass.serving.kubernetes import KubernetesTarget
from compass.serving.object_changes import OWNER
from tests.unit.compass.serving.api_server import ApiServer, api_server, write_kubeconfig
from tools.specs import tool
from tools.toolbox import Toolbox

CHAT = {"use_case": "chatbot_conversational", "user_count": 5000}
NEEDS_ITS_CODE = {
    "use_case": "research_legal_analysis",
    "user_count": 100,
    "preferred_models": ["Kimi-K2.5"],
}
CASES: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    (CHAT, {}),
    (CHAT, {"autoscaler": "hpa"}),
    (CHAT, {"autoscaler": "none"}),
    (CHAT, {"model_cache": True, "namespace": "team"}),
    ({"use_case": "code_completion", "user_count": 300}, {"image": "registry.example/team/vllm:1.2"}),
    ({"use_case": "code_generation_detailed", "user_count": 200}, {"name": "our-coder"}),
    ({"use_case": "translation", "user_count": 800}, {"namespace": "team", "name": "translator"}),
    (
        {"use_case": "content_generation", "user_count": 800},
        {"prometheus_url": "http://prometheus.ours:9090"},
    ),
    ({"use_case": "summarization_short", "user_count": 500}, {"monitor_release": "monitoring"}),
    ({"use_case": "document_analysis_rag", "user_count": 9000, "availability": "n+1"}, {"autoscaler": "hpa"}),
    ({"use_case": "long_document_summarization", "user_count": 50, "percentile": "mean"}, {}),
    (NEEDS_ITS_CODE, {"allow_remote_code": True, "model_cache": True}),
    (NEEDS_ITS_CODE, {}),
    (
        {"use_case": "translation", "user_count": 90, "preferred_gpu_types": ["MI300X"]},
        {"autoscaler": "hpa", "model_cache": True, "name": "all", "namespace": "team"},
    ),
)


async def yes(request: ApprovalRequest) -> bool:
    return True


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    with api_server() as server:
        write_kubeconfig(server, tmp_path / "kubeconfig")
        monkeypatch.setattr(
            "kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "kubeconfig")
        )
        yield server


@pytest.fixture
def cluster(toolbox: Toolbox) -> KubernetesTarget:
    return KubernetesTarget(connect, toolbox.catalog, poll_s=0.02)


@pytest.fixture
async def box(toolbox: Toolbox, server: ApiServer, cluster: KubernetesTarget) -> AsyncIterator[Toolbox]:
    """A toolbox whose person says yes, and whose cluster is the small one; nothing stays deployed."""
    box = dataclasses.replace(toolbox, approver=yes, targets=toolbox.targets | {"kubernetes": cluster})
    yield box
    for identifier in await box.store.ids("dep"):
        await call(box, "undeploy", deployment_id=identifier)
    assert server.objects == {}


async def call(box: Toolbox, of_tool: str, /, **arguments: Any) -> Any:
    return await tool(of_tool).call(box, arguments)


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    """Made once a need."""
    return {}


async def planned(box: Toolbox, plans: dict[str, Plan], need: dict[str, Any]) -> tuple[Option, ...]:
    key = json.dumps(need)
    plans[key] = plans.get(key) or await call(box, "plan_replicas", **need)
    return plans[key].options


def without_owner(thing: dict[str, Any]) -> dict[str, Any]:
    """An object as rendered: the mark of its deployment, which has an id only later, taken away."""
    metadata = thing["metadata"]
    labels = {key: value for key, value in metadata["labels"].items() if key != OWNER}
    return thing | {"metadata": metadata | {"labels": labels}}


@pytest.mark.parametrize(
    ("need", "choices"), CASES, ids=lambda value: "-".join(str(one) for one in value.values()) or "usual"
)
@pytest.mark.parametrize("by", ["recipe_id", "option_id"])
async def test_the_cluster_gets_what_was_rendered(
    box: Toolbox,
    server: ApiServer,
    cluster: KubernetesTarget,
    plans: dict[str, Plan],
    need: dict[str, Any],
    choices: dict[str, Any],
    by: str,
) -> None:
    option, *_ = await planned(box, plans, need)
    shown: Manifests = await call(box, "render_yaml", option_id=option.option_id, **choices)
    objects = list(yaml.safe_load_all(shown.text))

    named = {"recipe_id": shown.recipe_id} if by == "recipe_id" else {"option_id": option.option_id} | choices
    dry = await call(box, "deploy", target="kubernetes", dry_run=True, **named)
    made: Deployment = await call(box, "deploy", target="kubernetes", **named)

    assert cluster.manifests(dry).text == cluster.manifests(made).text == shown.text
    assert server.dry_runs[: len(objects)] == objects
    assert [without_owner(thing) for thing in server.applied] == objects
    assert {thing["metadata"]["labels"][OWNER] for thing in server.applied} == {made.deployment_id}
    assert made.model == made.name == shown.manifests[0].name


async def test_an_option_alone_is_deployed_as_it_was_rendered_last(
    box: Toolbox, plans: dict[str, Plan]
) -> None:
    option = (await planned(box, plans, CHAT))[-1].option_id
    await call(box, "render_yaml", option_id=option, name="first", autoscaler="hpa")
    last = await call(box, "render_yaml", option_id=option, name="last", namespace="team")

    alone = await call(box, "deploy", option_id=option, target="kubernetes", dry_run=True)
    told = await call(box, "deploy", option_id=option, target="kubernetes", dry_run=True, autoscaler="hpa")
    other = await call(box, "deploy", option_id=option, target="kubernetes", dry_run=True, autoscaler="none")

    assert (alone.name, alone.namespace) == ("last", "team")
    assert alone.recipe_id == last.recipe_id and last.recipe_id in alone.brief()
    assert (told.name, told.settings.autoscaler) == ("first", "hpa")
    assert (other.recipe_id, other.settings.autoscaler, other.note) == ("", "none", "")


async def test_an_option_that_was_never_rendered_gets_the_usual_settings(
    box: Toolbox, plans: dict[str, Plan]
) -> None:
    option = (await planned(box, plans, CHAT))[1].option_id

    made = await call(box, "deploy", option_id=option, target="kubernetes", dry_run=True)
    shown = await call(box, "render_yaml", option_id=option)

    assert made.recipe_id == "" and made.name == shown.manifests[0].name


async def test_this_machine_and_the_cluster_call_it_by_one_name(box: Toolbox, plans: dict[str, Plan]) -> None:
    option = (await planned(box, plans, CHAT))[0].option_id
    await call(box, "render_yaml", option_id=option, name="assistant")

    here = await call(box, "deploy", option_id=option, dry_run=True)
    there = await call(box, "deploy", option_id=option, target="kubernetes", dry_run=True)

    assert here.name == there.name == "assistant"


async def test_a_recipe_is_not_contradicted_in_silence(box: Toolbox, plans: dict[str, Plan]) -> None:
    option, other, *_ = await planned(box, plans, CHAT)
    shown = await call(box, "render_yaml", option_id=option.option_id)

    with pytest.raises(InvalidInput, match="has 'keda'"):
        await call(box, "deploy", recipe_id=shown.recipe_id, autoscaler="hpa", dry_run=True)
    with pytest.raises(InvalidInput, match=f"option_id: .* was rendered for {option.option_id}"):
        await call(box, "deploy", recipe_id=shown.recipe_id, option_id=other.option_id, dry_run=True)
    with pytest.raises(InvalidInput, match="option_id: is empty"):
        await call(box, "deploy", dry_run=True)
