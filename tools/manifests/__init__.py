"""Kubernetes manifests of an option: KServe, KEDA, Prometheus; validated before they are shown."""

from tools.manifests.render import WrongManifest, render
from tools.manifests.settings import Autoscaler, Settings

__all__ = ["Autoscaler", "Settings", "WrongManifest", "render"]
