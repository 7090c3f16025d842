"""The targets that this Compass knows."""

from typing import TYPE_CHECKING

from tools.catalog import load_catalog
from tools.planning.types import Option, Specification
from tools.serving.kubernetes import KubernetesTarget
from tools.serving.local import LocalTarget
from tools.serving.types import Manifests, Target
from tools.store import Store

if TYPE_CHECKING:
    from tools.serving.cluster import Cluster


def open_targets(store: Store) -> dict[str, Target]:
    """Each target by its name; opening starts and reads nothing."""
    return {"local": LocalTarget(store), "kubernetes": KubernetesTarget(reach, manifests_of)}


def reach() -> "Cluster":
    """The configured cluster; its client takes half a second to import, so only when it is used."""
    from tools.serving.cluster import connect

    return connect()


def manifests_of(option: Option, specification: Specification, name: str, namespace: str) -> Manifests:
    """The manifests over the shipped catalog."""
    # The manifests are made of this package's types, so they cannot be imported while it is.
    from tools.manifests import render

    return render(option, specification, load_catalog(), name=name, namespace=namespace)
