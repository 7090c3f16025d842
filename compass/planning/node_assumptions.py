"""What is assumed of replicas that span several machines."""

from compass.catalog import network_link
from compass.planning.types import Assumption, Option


def network_assumption(option: Option) -> list[Assumption]:
    """Return the network between the machines of a replica; nothing where it has one machine."""
    if option.nodes_per_replica == 1:
        return []
    link = network_link(option.gpu)
    why = (
        f"usual for machines with {option.gpu} ({link.source}): each of {option.pipeline_parallel} stages "
        "hands its tokens to the next one"
    )
    return [Assumption(field="network", value=link.name, why=why)]
