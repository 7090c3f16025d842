"""Kubernetes manifests of an option: KServe, KEDA, Prometheus; validated before they are shown."""

from tools.manifests.render import WrongManifest, render

__all__ = ["WrongManifest", "render"]
