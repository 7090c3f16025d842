"""The tool render_yaml: an option as Kubernetes manifests."""

from pydantic import Field

from compass.manifests import Manifests, RecipeChoices, make_recipe, render
from compass.serving import find_option, keep_recipe
from tools.request import ToolRequest
from tools.toolbox import Toolbox


class RenderRequest(RecipeChoices, ToolRequest):
    """Which option, and how its manifests are to be."""

    option_id: str = Field(description="From plan_replicas, option-… ")


async def render_yaml(box: Toolbox, request: RenderRequest) -> Manifests:
    """Render the validated Kubernetes manifests of an option: KServe InferenceService with vLLM, autoscaler
    (KEDA or HPA), ServiceMonitor, SLO alerts, disruption budget, network policy. Nothing is applied. Returns
    a recipe_id too: deploy with it makes exactly these objects.
    """
    option, specification = await find_option(box.store, request.option_id)
    recipe = make_recipe(option, request)
    rendered = render(recipe, option, specification, box.catalog)
    return rendered.model_copy(update={"recipe_id": await keep_recipe(box.store, recipe)})
