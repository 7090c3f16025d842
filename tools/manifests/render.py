"""Option and specification to validated YAML."""

import functools
import json
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jsonschema import Draft202012Validator

from templates import FOLDER
from tools.catalog import Catalog, Model, find_gpu, find_model
from tools.errors import CompassError
from tools.manifests.values import Values, default_name, values_of
from tools.planning.types import Option, Specification
from tools.serving.types import Manifest, Manifests

ORDER = (
    "service_account", "inference_service", "scaled_object", "service_monitor", "prometheus_rule",
    "pod_disruption_budget", "network_policy",
)  # fmt: skip
SCHEMAS = Path(__file__).parent / "schemas"


class WrongManifest(CompassError):
    """A rendered object that its schema refuses: a fault of ours, never shown as good."""


def quoted(value: Any) -> str:
    """A value as JSON, which is YAML that means nothing but the value."""
    return json.dumps(value, ensure_ascii=False)


@functools.cache
def environment() -> Environment:
    """Every `{{ … }}` of every template goes through `quoted`; an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        finalize=quoted,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


@functools.cache
def validator(kind: str) -> Draft202012Validator:
    """The schema of an object that we make: the fields that we use, and no others."""
    return Draft202012Validator(json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")))


def render(
    option: Option,
    specification: Specification,
    catalog: Catalog,
    *,
    name: str = "",
    namespace: str = "default",
) -> Manifests:
    """The objects that run an option.

    Raises:
        InvalidInput: a name that Kubernetes does not take.
        WrongManifest: an object does not fit its schema.
    """
    model, gpu = find_model(catalog, option.model), find_gpu(catalog, option.gpu)
    name = name or default_name(option)
    values = values_of(option, specification, model, gpu, name, namespace)
    manifests = tuple(render_one(template, values) for template in ORDER)
    return Manifests(
        option_id=option.option_id,
        namespace=namespace,
        manifests=manifests,
        notes=tuple(notes(model, gpu.product_labels)),
    )


def render_one(template: str, values: Values) -> Manifest:
    """One object, checked against its schema."""
    text = environment().get_template(f"{template}.yaml.j2").render(v=values)
    document = yaml.safe_load(text)
    errors = sorted(validator(document["kind"]).iter_errors(document), key=lambda error: list(error.path))
    if errors:
        where = ".".join(str(part) for part in errors[0].path)
        raise WrongManifest(f"{document['kind']}: {where}: {errors[0].message}")
    # Written again by the YAML library: quoting as YAML people expect it, our comments kept on top.
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    head = "".join(f"{line.replace(chr(34), '')}\n" for line in comments)
    return Manifest(name=document["metadata"]["name"], kind=document["kind"], yaml=head + body)


def notes(model: Model, labels: tuple[str, ...]) -> list[str]:
    """What a person must do or know before applying."""
    said = ["Needs KServe 0.20 or later, KEDA and the Prometheus operator in the cluster."]
    if model.gated is not False:
        said.append(
            "Make the Secret hf-token with the key HF_TOKEN: the model's licence must be accepted first."
        )
    if model.trust_remote_code:
        said.append(
            "The model brings its own Python: review it, pin it, then add --trust-remote-code yourself."
        )
    if not labels:
        said.append("No node label is known for this GPU: set the node affinity by hand.")
    said.append("Label the namespaces of gateways and Prometheus compass/may-call=true.")
    return said
