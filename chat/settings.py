"""What a person sets once for a conversation: who answers, where it runs, what GPUs cost."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import chainlit as cl
from chainlit.input_widget import Select, TextInput

from agent.turn_state import Place
from compass.catalog import Catalog
from compass.core import InvalidInput
from compass.planning import Wishes, read_gpu_prices
from compass.serving import TargetName

ANY = "any (cheapest listed)"
NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Settings:
    """What is set: who answers, what is wished wherever a message says nothing else, where to deploy."""

    model: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    place: Place = field(default_factory=Place)

    def sentence(self) -> str:
        """What is set, for the person who set it."""
        parts = []
        if self.wishes.provider:
            parts.append(f"prices of {self.wishes.provider}")
        if self.wishes.gpu_prices:
            parts.append(f"your GPU prices {', '.join(self.wishes.gpu_prices)} (US dollars an hour)")
        if self.place.target == "kubernetes":
            parts.append(f"deployments to kubernetes, namespace {self.place.namespace}")
        return ", ".join(parts)


def widgets(catalog: Catalog, default_model: str, values: Mapping[str, str]) -> cl.ChatSettings:
    """The settings form, filled with what was set before."""
    providers = sorted({price.provider for price in catalog.prices})

    def before(field: str, otherwise: str) -> str:
        return values.get(field) or otherwise

    return cl.ChatSettings(
        [
            TextInput(
                id="model",
                label="Answering model",
                initial=before("model", default_model),
                description="A pydantic-ai model name (ollama:qwen2.5:7b), or offline.",
            ),
            Select(
                id="provider", label="Cloud", values=[ANY, *providers], initial_value=before("provider", ANY)
            ),
            TextInput(
                id="gpu_prices",
                label="My GPU prices, US dollars an hour",
                initial=before("gpu_prices", ""),
                placeholder="H100-SXM=2.20, L40S=0.95",
            ),
            Select(
                id="target",
                label="Deploy to",
                values=["local", "kubernetes"],
                initial_value=before("target", "local"),
            ),
            TextInput(id="namespace", label="Kubernetes namespace", initial=before("namespace", "default")),
        ]
    )


def target_named(name: str) -> TargetName:
    """The target of this name; the form offers no other."""
    return "kubernetes" if name == "kubernetes" else "local"


def read(values: Mapping[str, str], catalog: Catalog) -> Settings:
    """The form's values.

    Raises:
        InvalidInput: a price that is not NAME=NUMBER, or a namespace that Kubernetes would not take.
        NotFound: a price of a GPU that the catalog does not know.
    """
    prices = tuple(part.strip() for part in (values.get("gpu_prices") or "").split(",") if part.strip())
    read_gpu_prices(catalog, prices)
    provider, namespace = values.get("provider") or "", (values.get("namespace") or "default").strip()
    if not NAMESPACE.fullmatch(namespace):
        raise InvalidInput(
            "namespace", f'"{namespace}" is none. Use lower-case letters, digits and dashes, 63 at most.'
        )
    return Settings(
        model=(values.get("model") or "").strip(),
        wishes=Wishes(provider=None if provider == ANY else provider or None, gpu_prices=prices),
        place=Place(target=target_named(values.get("target") or "local"), namespace=namespace),
    )
