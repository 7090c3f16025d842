"""The tool render_yaml: an option as Kubernetes manifests."""

from typing import Annotated

from pydantic import Field

from tools.manifests import render
from tools.planning.types import Option, Plan
from tools.serving.types import Manifests
from tools.toolbox import Toolbox


async def render_yaml(
    box: Toolbox,
    *,
    option_id: Annotated[str, Field(description="From plan_replicas, option-… ")],
    namespace: Annotated[str, Field(description="Kubernetes namespace")] = "default",
    name: Annotated[str, Field(description="Name of the service; made from the model where empty")] = "",
) -> Manifests:
    """Render the validated Kubernetes manifests of an option: KServe InferenceService with vLLM, KEDA
    autoscaler, ServiceMonitor, SLO alerts, disruption budget, network policy. Nothing is applied.
    """
    option = await box.store.get(option_id, Option)
    plan = await box.store.get(option.plan_id, Plan)
    return render(option, plan.specification, box.catalog, name=name, namespace=namespace)
