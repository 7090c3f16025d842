"""Which models find their prompts in vLLM's prefix cache."""

from compass.catalog import Model


def finds_prompts(model: Model) -> bool:
    """Whether vLLM's prefix cache works for a model as it is started.

    Layers with a state in place of a KV cache (Mamba, linear attention) have no blocks to find: the cache is
    off for such models unless an experimental mode keeps their states (vLLM's guide to its V1 engine, 2025).
    """
    return model.architecture.recurrent is None


def no_prefix_cache(model: Model) -> str | None:
    """Return what a person should know who counts on the prefix cache of a model; None where it works."""
    if finds_prompts(model):
        return None
    return (
        f"{model.name} has layers with a state in place of a KV cache, for which vLLM leaves the prefix "
        "cache off: every turn computes its whole prompt, and the plan counts so."
    )
