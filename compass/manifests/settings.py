"""What a person may choose about the manifests, checked."""

import re
from dataclasses import dataclass
from typing import Literal

from compass.catalog import Gpu
from compass.core import InvalidInput
from compass.planning import Option

Autoscaler = Literal["keda", "hpa", "none"]

LONGEST_LABEL = 63
SUFFIX = "-predictor-"
# KServe takes a service's name only with a letter first; a namespace may begin with a digit (RFC 1123).
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
IMAGE = re.compile(
    r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})"
)
ADDRESS = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")

# Images that serve, by maker of the GPU. NVIDIA: vLLM's own, 0.33.0. AMD: as ROCm's documentation of vLLM
# names it (2026-11). Intel publishes recipes for Gaudi and no image.
IMAGES = {
    "nvidia": "vllm/vllm-openai:v0.33.0",
    "amd": "rocm/vllm:rocm7.14.0_cdna_ubuntu24.04_py3.14_pytorch_2.11.0_vllm_0.23.0",
}


@dataclass(frozen=True)
class Settings:
    """Choices beside the option itself; an empty text means the usual."""

    name: str = ""
    namespace: str = "default"
    autoscaler: Autoscaler = "keda"
    model_cache: bool = False
    """Weights on a volume that all replicas share, in place of one download a pod."""
    allow_remote_code: bool = False
    """Whether a person agreed that a model's own Python runs, where a model needs that."""
    image: str = ""
    prometheus_url: str = ""
    monitor_release: str = ""
    """Value of the label `release`, by which a Prometheus of the kube-prometheus-stack picks monitors."""


def default_name(option: Option, namespace: str) -> str:
    """A name that Kubernetes takes and that leaves room for the namespace: "qwen3-8b-fp8"."""
    text = re.sub(r"[^a-z0-9]+", "-", f"{option.model.rsplit('/', 1)[-1]}-{option.precision}".lower())
    room = max(8, min(40, LONGEST_LABEL - len(SUFFIX) - len(namespace)))
    short = text.strip("-")[:room].rstrip("-")
    return short if SERVICE.fullmatch(short) else f"m-{short}"[:room].rstrip("-")


def check(settings: Settings) -> None:
    """Refuse what Kubernetes, KServe or Prometheus would refuse, or read as something else.

    Raises:
        InvalidInput: names the setting and says what it may hold.
    """
    dns = "Use lower-case letters, digits and dashes"
    demand(settings, "name", SERVICE, 40, f"no Kubernetes name. {dns}, a letter first, 40 at most.")
    demand(settings, "namespace", NAMESPACE, LONGEST_LABEL, f"no Kubernetes name. {dns}, 63 at most.")
    demand(settings, "image", IMAGE, 255, "no image with a tag. Write repository/name:tag.")
    demand(
        settings, "prometheus_url", ADDRESS, 255, "no address. Write http://prometheus.monitoring.svc:9090."
    )
    demand(
        settings, "monitor_release", LABEL, LONGEST_LABEL, "no label value. Use letters, digits and dashes."
    )
    if len(settings.name) + len(SUFFIX) + len(settings.namespace) > LONGEST_LABEL:
        room = LONGEST_LABEL - len(SUFFIX) - len(settings.namespace)
        raise InvalidInput(
            "name",
            f'"{settings.name}" with the namespace "{settings.namespace}" makes too long a host name. '
            f"Shorten the name to {max(1, room)} characters.",
        )


def demand(settings: Settings, field: str, pattern: re.Pattern[str], longest: int, problem: str) -> None:
    """One setting against its pattern; empty passes, but for the names."""
    value: str = getattr(settings, field)
    if not value and field not in ("name", "namespace"):
        return
    if len(value) > longest or not pattern.fullmatch(value):
        raise InvalidInput(field, f'"{value[:60]}" is {problem}')


def image_of(gpu: Gpu, settings: Settings) -> str:
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
