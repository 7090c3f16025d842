"""`compass capacity`: what given GPUs carry of a model, by flags."""

from typing import Any

import click

from cli.session import print_json, with_toolbox
from compass.deployment_capacity import CapacityAnswer
from compass.planning import Wishes
from tools.estimate_capacity import CapacityRequest, estimate_capacity
from tools.toolbox import Toolbox

FLAGS: tuple[tuple[str, str, Any], ...] = (
    ("--model", "preferred_models", str),
    ("--size", "model_parameters_b", float),
    ("--gpu", "preferred_gpu_types", str),
    ("--gpus", "gpu_count", int),
    ("--precision", "precision", str),
    ("--tensor-parallel", "tensor_parallel", int),
    ("--pipeline-parallel", "pipeline_parallel", int),
    ("--data-parallel", "data_parallel", int),
    ("--expert-parallel", "expert_parallel", bool),
    ("--nodes", "node_count", int),
    ("--gpus-per-node", "gpus_per_node", int),
    ("--context", "context_tokens", int),
    ("--concurrent", "concurrent_requests", int),
    ("--sessions", "concurrent_sessions", int),
    ("--turns", "session_turns", int),
    ("--turn-tokens", "turn_tokens", int),
    ("--turn-pause", "turn_pause_seconds", float),
    ("--users", "user_count", int),
    ("--rate", "requests_per_second", float),
    ("--items", "batch_items", int),
    ("--deadline-hours", "deadline_hours", float),
    ("--prompt", "prompt_tokens", int),
    ("--output", "output_tokens", int),
    ("--shared-prompt", "shared_prompt_tokens", int),
    ("--thinking", "thinking_tokens", int),
    ("--reasoning", "reasoning", bool),
    ("--effort", "reasoning_effort", str),
    ("--ttft", "ttft_ms", float),
    ("--itl", "itl_ms", float),
    ("--e2e", "e2e_ms", float),
    ("--first-answer", "first_answer_ms", float),
    ("--use-case", "use_case", str),
    ("--prefix-cache", "prefix_cache_hit_rate", float),
    ("--routing", "routing", str),
    ("--kv-cache", "kv_cache", str),
    ("--host-cache", "host_cache_gib", float),
    ("--speculation", "speculation", str),
    ("--draft-tokens", "draft_tokens", int),
    ("--speedup", "speculative_speedup", float),
    ("--gpu-price", "gpu_prices", str),
    ("--pricing", "pricing", str),
)
LISTS = {"preferred_models", "preferred_gpu_types", "gpu_prices"}
ASKED = ["fits", "max_context", "concurrency", "throughput", "latency", "duration", "smallest_nodes"]


def with_flags(command: Any) -> Any:
    """Add an option for each wish, with the wish's own description."""
    for flag, field, kind in reversed(FLAGS):
        text = Wishes.model_fields[field].description
        command = click.option(flag, field, type=kind, help=text, multiple=field == "gpu_prices")(command)
    return command


@click.command()
@with_flags
@click.option("--asked", type=click.Choice(ASKED), multiple=True, help="The figure in question.")
@click.option("--json", "as_json", is_flag=True, help="The answer as one JSON document on stdout.")
def capacity(asked: tuple[str, ...], as_json: bool, **flags: Any) -> None:
    """What given GPUs carry of a model.

    compass capacity --model Qwen3-32B --gpu L40S --gpus 2 --concurrent 16
    """
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    wishes = {
        name: [value] if name in LISTS and isinstance(value, str) else value for name, value in given.items()
    }

    async def work(box: Toolbox) -> CapacityAnswer:
        request = CapacityRequest().changed(**wishes, asked=asked)
        return await estimate_capacity(box, request)

    answer = with_toolbox(work)
    if as_json:
        print_json(answer.document())
    else:
        # Late: programs read the JSON, and rich takes a while to import.
        from cli.capacity_text import print_capacity

        print_capacity(answer)
