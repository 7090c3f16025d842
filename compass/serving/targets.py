"""The targets that this Compass knows."""

from typing import TYPE_CHECKING

from compass.catalog import load_catalog
from compass.manifests import Manifests
from compass.planning import Option, Specification
from compass.serving.kubernetes import KubernetesTarget
from compass.serving.local import LocalTarget
from compass.serving.types import Target
from compass.store import Store

if TYPE_CHECKING:
    from compass.serving.cluster import Cluster


def open_targets(store: Store) -> dict[str, Target]:
    """Each target by its name; opening starts and reads nothing."""
    return {"local": LocalTarget(store), "kubernetes": KubernetesTarget(reach, manifests_of)}


def reach() -> "Cluster":
    """The configured cluster; its client takes half a second to import, so only when it is used."""
    from compass.serving.cluster import connect

    return connect()


def manifests_of(option: Option, specification: Specification, name: str, namespace: str) -> Manifests:
    """The manifests over the shipped catalog."""
    # The manifests are made of this package's types, so they cannot be imported while it is.
    from compass.manifests import render

    return render(option, specification, load_catalog(), name=name, namespace=namespace)
