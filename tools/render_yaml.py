"""The tool render_yaml: an option as Kubernetes manifests."""

from typing import Annotated

from pydantic import Field

from compass.manifests import Autoscaler, Manifests, Settings, render
from compass.planning import Option, Plan
from tools.toolbox import Toolbox


async def render_yaml(
    box: Toolbox,
    *,
    option_id: Annotated[str, Field(description="From plan_replicas, option-… ")],
    namespace: Annotated[str, Field(description="Kubernetes namespace")] = "default",
    name: Annotated[str, Field(description="Name of the service; made from the model where empty")] = "",
    autoscaler: Annotated[Autoscaler, Field(description="keda, hpa or none")] = "keda",
    model_cache: Annotated[
        bool, Field(description="Keep weights on a volume that all replicas share")
    ] = False,
    allow_remote_code: Annotated[
        bool, Field(description="The user agreed that the model's own Python runs")
    ] = False,
    image: Annotated[str, Field(description="Another vLLM image, with a tag")] = "",
    prometheus_url: Annotated[str, Field(description="Where the autoscaler finds Prometheus")] = "",
    monitor_release: Annotated[
        str, Field(description="Label release by which Prometheus picks its monitors")
    ] = "",
) -> Manifests:
    """Render the validated Kubernetes manifests of an option: KServe InferenceService with vLLM, autoscaler
    (KEDA or HPA), ServiceMonitor, SLO alerts, disruption budget, network policy. Nothing is applied.
    """
    option = await box.store.get(option_id, Option)
    plan = await box.store.get(option.plan_id, Plan)
    settings = Settings(
        autoscaler=autoscaler,
        model_cache=model_cache,
        allow_remote_code=allow_remote_code,
        image=image,
        prometheus_url=prometheus_url,
        monitor_release=monitor_release,
    )
    return render(option, plan.specification, box.catalog, name=name, namespace=namespace, settings=settings)
