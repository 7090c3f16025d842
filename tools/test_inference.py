"""The tool test_inference: one prompt to a deployment, timed."""

from pydantic import Field

from compass.core import InvalidInput, Unavailable
from compass.serving import TestAnswer, find_deployment, stream_completion
from tools.request import ToolRequest
from tools.toolbox import Toolbox

LONGEST = 8192


class PromptRequest(ToolRequest):
    """What to ask which deployment."""

    deployment_id: str = Field("", description="From deploy, dep-…; empty: the newest one")
    prompt: str = Field("Say in one sentence what you are.", description="What to ask")
    max_tokens: int = Field(64, description="Longest answer in tokens, 1 to 8192")


async def test_inference(box: Toolbox, request: PromptRequest) -> TestAnswer:
    """Send one prompt to a deployment and return the text with its time to first token, inter-token latency,
    total time and tokens, as a streaming client measures them.
    """
    if not request.prompt.strip():
        raise InvalidInput("prompt", "is empty. Write what to ask.")
    if not 1 <= request.max_tokens <= LONGEST:
        raise InvalidInput("max_tokens", f"{request.max_tokens} is not between 1 and {LONGEST}.")
    deployment, _ = await find_deployment(box.store, request.deployment_id)
    identifier = deployment.deployment_id
    if deployment.endpoint is None:
        raise Unavailable(f"{identifier} has no endpoint yet. See get_status {identifier}.")
    try:
        timing = await stream_completion(
            deployment.endpoint, deployment.model, request.prompt, request.max_tokens
        )
    except Unavailable as error:
        if deployment.target == "kubernetes":
            raise Unavailable(
                f"{error} The address may only be known inside the cluster: call from there, or use "
                f"kubectl port-forward -n {deployment.namespace} deployment/{deployment.name}-predictor."
            ) from error
        raise
    assert timing.first is not None
    gaps = timing.output_tokens - 1
    return TestAnswer(
        deployment_id=identifier,
        text="".join(timing.text),
        ttft_ms=(timing.first - timing.began) * 1000,
        itl_ms=(timing.last - timing.first) * 1000 / gaps if gaps > 0 else None,
        e2e_ms=(timing.last - timing.began) * 1000,
        prompt_tokens=timing.prompt_tokens,
        output_tokens=timing.output_tokens,
        simulated=deployment.simulated,
    )
