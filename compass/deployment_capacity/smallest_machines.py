"""The fewest machines that hold a model, by GPU, where nobody said which GPUs there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from compass.catalog import Gpu, network_link
from compass.deployment_capacity.cost import monthly_cost
from compass.deployment_capacity.hardware import Hardware
from compass.deployment_capacity.helps import fewest_gpus
from compass.deployment_capacity.scene import Scene
from compass.planning import Assumption, Wishes

SMALLEST = "smallest_nodes"
"""The figure that is asked for by "the smallest number of nodes"."""


@dataclass(frozen=True)
class Machines:
    """Machines of one kind of GPU that hold a model."""

    gpu: Gpu
    gpus: int
    nodes: int
    usd_per_month: float | None
    """None where no price is listed."""


def asks_for_machines(wishes: Wishes, asked: Sequence[str]) -> bool:
    """Whether the question is which machines a named model needs."""
    no_hardware = not wishes.preferred_gpu_types and wishes.gpu_count is None
    return no_hardware and bool(wishes.preferred_models) and SMALLEST in asked


def smallest_machines(scene: Scene) -> list[Machines]:
    """Return for each GPU of the catalog the fewest machines that hold the model; fewest and cheapest first.

    Machines have as many GPUs as was said, else as many as they are sold with; a model over several machines
    needs a fast network between them.
    """
    found = []
    for gpu in scene.catalog.gpus:
        size = scene.wishes.gpus_per_node or gpu.gpus_per_node
        if gpu.gpus_per_node < size or gpu.name in scene.wishes.excluded_gpu_types:
            continue
        fewest = fewest_gpus(replace(scene, hardware=Hardware(gpu, None, in_catalog=True)))
        if fewest is None or (fewest > size and not network_link(gpu.name).gpus):
            continue
        nodes = -(-fewest // size)
        demand = scene.question.specification
        cost = monthly_cost(scene.catalog, gpu, True, nodes * size, scene.wishes, demand)
        found.append(Machines(gpu, nodes * size, nodes, cost.usd))
    return sorted(found, key=lambda one: (one.nodes, one.usd_per_month is None, one.usd_per_month or 0.0))


def machines_words(found: Sequence[Machines]) -> str:
    """Return how many machines each GPU takes: "1 node of H200, MI300X; 2 nodes of H100-SXM"."""
    counts = sorted({one.nodes for one in found})
    parts = []
    for count in counts:
        names = [f"{one.gpus} {one.gpu.name}" for one in found if one.nodes == count]
        parts.append(f"{count} node{'s' * (count > 1)}: {', '.join(names)}")
    return "; ".join(parts)


def chosen_machines(scene: Scene) -> tuple[Hardware, str] | None:
    """Return the smallest, cheapest machines as hardware, and all that hold the model; None where none do."""
    found = smallest_machines(scene)
    if not found:
        return None
    first = found[0]
    why = "not said; of the fewest machines those with the lowest listed price"
    notes = (Assumption(field="gpu", value=first.gpu.name, why=why),)
    return Hardware(first.gpu, first.gpus, in_catalog=True, assumptions=notes), machines_words(found)
