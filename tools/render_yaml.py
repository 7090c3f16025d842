"""The tool render_yaml: an option as Kubernetes manifests."""

from pydantic import Field

from compass.manifests import Autoscaler, Manifests, Settings, render
from compass.planning import Option, Plan
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class RenderRequest(ToolRequest):
    """Which option to render, and how."""

    option_id: str = Field(description="From plan_replicas, option-… ")
    namespace: str = Field("default", description="Kubernetes namespace")
    name: str = Field("", description="Name of the service; made from the model where empty")
    autoscaler: Autoscaler = Field("keda", description="keda, hpa or none")
    model_cache: bool = Field(False, description="Keep weights on a volume that all replicas share")
    allow_remote_code: bool = Field(False, description="The user agreed that the model's own Python runs")
    image: str = Field("", description="Another vLLM image, with a tag")
    prometheus_url: str = Field("", description="Where the autoscaler finds Prometheus")
    monitor_release: str = Field("", description="Label release by which Prometheus picks its monitors")


async def render_yaml(box: Toolbox, request: RenderRequest) -> Manifests:
    """Render the validated Kubernetes manifests of an option: KServe InferenceService with vLLM, autoscaler
    (KEDA or HPA), ServiceMonitor, SLO alerts, disruption budget, network policy. Nothing is applied.
    """
    option = await box.store.get(request.option_id, Option)
    plan = await box.store.get(option.plan_id, Plan)
    settings = Settings(
        autoscaler=request.autoscaler,
        model_cache=request.model_cache,
        allow_remote_code=request.allow_remote_code,
        image=request.image,
        prometheus_url=request.prometheus_url,
        monitor_release=request.monitor_release,
    )
    return render(
        option,
        plan.specification,
        box.catalog,
        name=request.name,
        namespace=request.namespace,
        settings=settings,
    )
