"""What a person may choose about the manifests of an option."""

from typing import Literal

from pydantic import Field

from compass.catalog import Gpu
from compass.core import Frozen, InvalidInput

Autoscaler = Literal["keda", "hpa", "none"]

# Images that serve, by maker of the GPU. NVIDIA: vLLM's own, 0.33.0. AMD: as ROCm's documentation of vLLM
# names it (2026-11). Intel publishes recipes for Gaudi and no image.
IMAGES = {
    "nvidia": "vllm/vllm-openai:v0.33.0",
    "amd": "rocm/vllm:rocm7.14.0_cdna_ubuntu24.04_py3.14_pytorch_2.11.0_vllm_0.23.0",
}


class ManifestSettings(Frozen):
    """Choices beside the option itself; an empty text means the usual."""

    autoscaler: Autoscaler = Field(default="keda", description="keda, hpa or none")
    model_cache: bool = Field(default=False, description="Keep weights on a volume that all replicas share")
    allow_remote_code: bool = Field(
        default=False, description="The user agreed that the model's own Python runs"
    )
    image: str = Field(default="", description="Another vLLM image, with a tag")
    prometheus_url: str = Field(default="", description="Where the autoscaler finds Prometheus")
    monitor_release: str = Field(
        default="", description="Label release by which Prometheus picks its monitors"
    )


class RecipeChoices(ManifestSettings):
    """The settings with the names that the objects get; tools take them as flat parameters."""

    name: str = Field(default="", description="Name of the service; made from the model where empty")
    namespace: str = Field(default="default", description="Kubernetes namespace")

    @property
    def settings(self) -> ManifestSettings:
        """The choices without the names."""
        return ManifestSettings(**{field: getattr(self, field) for field in ManifestSettings.model_fields})


def image_of(gpu: Gpu, settings: ManifestSettings) -> str:
    """The chosen image, else the usual one of the GPU's maker.

    Raises:
        InvalidInput: there is none.
    """
    image = settings.image or IMAGES.get(gpu.vendor)
    if image is None:
        raise InvalidInput(
            "image",
            f"no published vLLM image for {gpu.name} is known. Build one and give its name with a tag.",
        )
    return image
