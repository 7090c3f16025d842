"""What a person sets once for a conversation: who answers, where it runs, what GPUs cost."""

from dataclasses import dataclass

import chainlit as cl
from chainlit.input_widget import Select, TextInput

from tools.catalog import Catalog
from tools.errors import InvalidInput

ANY = "any (cheapest listed)"


@dataclass(frozen=True)
class Settings:
    """The chosen values; empty strings mean "as planned"."""

    model: str = ""
    provider: str = ""
    gpu_prices: tuple[str, ...] = ()
    namespace: str = "default"
    target: str = "local"

    def sentence(self) -> str:
        """What these settings add to a request, in words that the agent reads like the user's own."""
        parts = []
        if self.provider:
            parts.append(f"Provider: {self.provider}.")
        if self.gpu_prices:
            parts.append(f"My GPU prices: {', '.join(self.gpu_prices)} (US dollars an hour).")
        if self.target != "local":
            parts.append(f"Deploy target: {self.target}, namespace {self.namespace}.")
        return " ".join(parts)


def widgets(catalog: Catalog, default_model: str) -> cl.ChatSettings:
    """The settings form."""
    providers = sorted({price.provider for price in catalog.prices})
    return cl.ChatSettings(
        [
            TextInput(
                id="model",
                label="Answering model",
                initial=default_model,
                description="A pydantic-ai model name (ollama:qwen2.5:7b), or offline.",
            ),
            Select(id="provider", label="Cloud", values=[ANY, *providers], initial_value=ANY),
            TextInput(
                id="gpu_prices",
                label="My GPU prices, US dollars an hour",
                initial="",
                placeholder="H100-SXM=2.20, L40S=0.95",
            ),
            Select(id="target", label="Deploy to", values=["local", "kubernetes"], initial_value="local"),
            TextInput(id="namespace", label="Kubernetes namespace", initial="default"),
        ]
    )


def read(values: dict[str, str]) -> Settings:
    """The form's values.

    Raises:
        InvalidInput: a price that is not NAME=NUMBER.
    """
    prices = [part.strip() for part in (values.get("gpu_prices") or "").split(",") if part.strip()]
    for price in prices:
        name, _, number = price.partition("=")
        if not name or not number.replace(".", "", 1).isdigit():
            raise InvalidInput(
                "GPU prices", f'"{price}" is not NAME=DOLLARS. Write H100-SXM=2.20, for example.'
            )
    provider = values.get("provider") or ""
    return Settings(
        model=(values.get("model") or "").strip(),
        provider="" if provider == ANY else provider,
        gpu_prices=tuple(prices),
        namespace=(values.get("namespace") or "default").strip(),
        target=values.get("target") or "local",
    )
