"""The tool map_slo: from a use case and stated wishes to a specification."""

from compass.planning import Specification, Wishes, specify
from tools.toolbox import Toolbox


async def map_slo(box: Toolbox, wishes: Wishes) -> Specification:
    """Turn a use case, a number of users and stated wishes into p95 latency targets, a traffic profile and a
    peak request rate, listing every assumption; a stated number always wins. Returns a specification id that
    plan_replicas takes.
    """
    specification = specify(box.catalog, wishes)
    identifier = await box.store.put("spec", specification)
    return specification.model_copy(update={"specification_id": identifier})
