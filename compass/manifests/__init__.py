"""Kubernetes manifests of an option: KServe, KEDA, Prometheus; validated before they are shown."""

from compass.manifests.render import WrongManifest, render
from compass.manifests.settings import Autoscaler, Settings

__all__ = ["Autoscaler", "Settings", "WrongManifest", "render"]
