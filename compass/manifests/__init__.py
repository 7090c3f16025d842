"""Kubernetes manifests of an option: KServe, KEDA, Prometheus; validated before they are shown."""

from compass.manifests.render import WrongManifest, render
from compass.manifests.settings import Autoscaler, Settings
from compass.manifests.types import Manifest, Manifests

__all__ = ["Autoscaler", "Manifest", "Manifests", "Settings", "WrongManifest", "render"]
