"""Opens the targets: this machine, and a Kubernetes cluster."""

from typing import TYPE_CHECKING

from compass.catalog import Catalog
from compass.serving.kubernetes import KubernetesTarget
from compass.serving.local import LocalTarget
from compass.serving.types import Target
from compass.store import Store

if TYPE_CHECKING:
    from compass.serving.cluster import Cluster


def open_targets(store: Store, catalog: Catalog) -> dict[str, Target]:
    """Each target by its name; opening starts and reads nothing."""
    return {"local": LocalTarget(store), "kubernetes": KubernetesTarget(connect_cluster, catalog)}


def connect_cluster() -> "Cluster":
    """The configured cluster; its client takes half a second to import, so only when it is used."""
    from compass.serving.cluster import connect

    return connect()
