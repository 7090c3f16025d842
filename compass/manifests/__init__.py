"""Kubernetes manifests of an option: KServe, KEDA, Prometheus; validated before they are shown."""

from compass.manifests.recipe import Recipe, make_recipe
from compass.manifests.render import WrongManifest, render
from compass.manifests.settings import Autoscaler, ManifestSettings, RecipeChoices
from compass.manifests.types import Manifest, Manifests

__all__ = [
    "Autoscaler",
    "Manifest",
    "ManifestSettings",
    "Manifests",
    "Recipe",
    "RecipeChoices",
    "WrongManifest",
    "make_recipe",
    "render",
]
