"""A recipe: everything that decides the objects of a deployment, so that what is rendered is deployed."""

import re
from typing import Self

from pydantic import model_validator

from compass.core import Frozen, InvalidInput
from compass.manifests.settings import ManifestSettings, RecipeChoices
from compass.planning import Option

LONGEST_LABEL = 63
LONGEST_NAME = 40
SUFFIX = "-predictor-"
"""KServe's host name is NAME-predictor-NAMESPACE, and a part of a host name has 63 characters at most."""
# KServe takes a service's name only with a letter first; a namespace may begin with a digit (RFC 1123).
SERVICE = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
IMAGE = re.compile(
    r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]*|@sha256:[0-9a-f]{64})"
)
ADDRESS = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")


class Recipe(Frozen):
    """An option with the names and settings of its manifests, checked.

    Raises:
        InvalidInput: a value that Kubernetes, KServe or Prometheus would refuse, or read as something else;
            names the field and says what it may hold.
    """

    recipe_id: str = ""
    """Empty where it is not stored."""
    option_id: str
    name: str
    """Of the service, and of the model that it serves."""
    namespace: str = "default"
    settings: ManifestSettings = ManifestSettings()

    @model_validator(mode="after")
    def _checked(self) -> Self:
        check(self)
        return self


def make_recipe(option: Option, choices: RecipeChoices | None = None) -> Recipe:
    """The recipe of an option with what a person chose; unchosen is the usual.

    Raises:
        InvalidInput: a name or a setting that cannot be; names it.
    """
    choices = choices or RecipeChoices()
    return Recipe(
        option_id=option.option_id,
        name=choices.name or default_name(option, choices.namespace),
        namespace=choices.namespace,
        settings=choices.settings,
    )


def default_name(option: Option, namespace: str) -> str:
    """A name that Kubernetes takes and that leaves room for the namespace: "qwen3-8b-fp8"."""
    text = re.sub(r"[^a-z0-9]+", "-", f"{option.model.rsplit('/', 1)[-1]}-{option.precision}".lower())
    room = max(8, min(LONGEST_NAME, LONGEST_LABEL - len(SUFFIX) - len(namespace)))
    short = text.strip("-")[:room].rstrip("-")
    return short if SERVICE.fullmatch(short) else f"m-{short}"[:room].rstrip("-")


def check(recipe: Recipe) -> None:
    """Refuse names and settings that their readers would refuse or misread.

    Raises:
        InvalidInput: names the field and says what it may hold.
    """
    settings, name, namespace = recipe.settings, recipe.name, recipe.namespace
    dns = "no Kubernetes name. Use lower-case letters, digits and dashes"
    demand("name", name, SERVICE, LONGEST_NAME, f"{dns}, a letter first, {LONGEST_NAME} at most.")
    demand("namespace", namespace, NAMESPACE, LONGEST_LABEL, f"{dns}, {LONGEST_LABEL} at most.")
    optional = (
        ("image", IMAGE, 255, "no image with a tag. Write repository/name:tag."),
        ("prometheus_url", ADDRESS, 255, "no address. Write http://prometheus.monitoring.svc:9090."),
        ("monitor_release", LABEL, LONGEST_LABEL, "no label value. Use letters, digits and dashes."),
    )
    for field, pattern, longest, problem in optional:
        if value := getattr(settings, field):
            demand(field, value, pattern, longest, problem)
    room = LONGEST_LABEL - len(SUFFIX) - len(namespace)
    if len(name) > room:
        raise InvalidInput(
            "name",
            f'"{name}" with the namespace "{namespace}" makes too long a host name. '
            f"Shorten the name to {max(1, room)} characters.",
        )


def demand(field: str, value: str, pattern: re.Pattern[str], longest: int, problem: str) -> None:
    """Compare one value with its pattern.

    Raises:
        InvalidInput: it does not fit.
    """
    if len(value) > longest or not pattern.fullmatch(value):
        raise InvalidInput(field, f'"{value[:60]}" is {problem}')
