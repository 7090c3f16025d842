"""Renders an option as Kubernetes objects in YAML, each validated against its schema."""

import functools
import json
import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from compass.catalog import Catalog, Gpu, Model, gpu_named, model_of
from compass.core import CompassError, InvalidInput, parse_yaml
from compass.manifests.recipe import Recipe
from compass.manifests.settings import Autoscaler, ManifestSettings
from compass.manifests.types import Manifest, Manifests
from compass.manifests.values import Values, template_values
from compass.manifests.vllm_arguments import serve_arguments
from compass.planning import Option, Specification
from templates import FOLDER

if TYPE_CHECKING:
    # At run time where they are used: they take a sixth of a second to import, and planning renders nothing.
    from jinja2 import Environment
    from jsonschema import Draft202012Validator

SCALERS: dict[Autoscaler, tuple[str, ...]] = {
    "keda": ("scaled_object",),
    "hpa": ("horizontal_pod_autoscaler",),
    "none": (),
}
SCHEMAS = Path(__file__).parent / "schemas"
NEEDS: dict[Autoscaler, str] = {"keda": "KEDA and ", "hpa": "the Prometheus adapter and ", "none": ""}


class WrongManifest(CompassError):
    """A rendered object does not fit its schema, which is a fault of ours."""


class Quoting(yaml.SafeDumper):
    """Writes every string in double quotes, so that none is read as a number, a date or a truth value."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a repeated object out each time, in place of a YAML alias."""
        return True


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


class Readable(yaml.SafeDumper):
    """Writes strings plain where that is safe; `in_quotes_if_broken` handles the rest."""


def in_quotes_if_broken(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quote a text with one of Unicode's rare line breaks, which PyYAML would fold."""
    style = '"' if any(mark in text for mark in "\x85\u2028\u2029\r") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Readable.add_representer(str, in_quotes_if_broken)


def quoted(value: Any) -> str:
    """Return a value as one line of YAML that can mean nothing else."""
    text: str = yaml.dump(value, Dumper=Quoting, default_flow_style=True, sort_keys=False, width=math.inf)
    return text.removesuffix("\n").removesuffix("\n...")


@functools.cache
def environment() -> "Environment":
    """Return the Jinja environment: each `{{ … }}` goes through `quoted`, an unknown name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        finalize=quoted,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def validator(kind: str) -> "Draft202012Validator":
    """Return the validator of a kind; its schema allows the fields that we use, and no others."""
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8")))


def render(recipe: Recipe, option: Option, specification: Specification, catalog: Catalog) -> Manifests:
    """Render the objects that run an option as its recipe says.

    Raises:
        InvalidInput: no image is known for the GPU, and the recipe names none.
        NotFound: the catalog does not hold the model or the GPU.
        WrongManifest: an object does not fit its schema.
    """
    model, gpu = model_of(catalog, option.model, option.precision), gpu_named(catalog, option.gpu)
    refuse_unpublished(model, option)
    refuse_several_nodes(option, specification, model, gpu, recipe)
    values = template_values(recipe, option, specification, model, gpu)
    return Manifests(
        recipe_id=recipe.recipe_id,
        option_id=option.option_id,
        namespace=recipe.namespace,
        manifests=tuple(render_one(template, values) for template in templates_of(recipe.settings)),
        notes=tuple(notes(model, gpu, recipe.settings)),
    )


def refuse_unpublished(model: Model, option: Option) -> None:
    """Refuse an option whose weights nobody is known to have published.

    Raises:
        InvalidInput: says what to give.
    """
    if any(known.id == option.checkpoint and known.is_published for known in model.checkpoints):
        return
    raise InvalidInput(
        "option_id",
        f"no weights of {model.name} in {option.precision} are known by name, so nothing can start them. "
        "Plan with the id of the weights on the hub (organisation/name), or add the model: compass models "
        "add NAME config.json.",
    )


def templates_of(settings: ManifestSettings) -> tuple[str, ...]:
    """Return the templates' names in the order in which their objects are applied."""
    cache = ("persistent_volume_claim",) if settings.model_cache else ()
    return (
        "service_account", *cache, "inference_service", *SCALERS[settings.autoscaler], "service_monitor",
        "prometheus_rule", "pod_disruption_budget", "network_policy",
    )  # fmt: skip


def render_one(template: str, values: Values) -> Manifest:
    """Render one object and validate it."""
    text = environment().get_template(f"{template}.yaml.j2").render(v=values)
    document = parse_yaml(text)
    errors = sorted(validator(document["kind"]).iter_errors(document), key=lambda error: list(error.path))
    if errors:
        where = ".".join(str(part) for part in errors[0].path)
        raise WrongManifest(f"{document['kind']}: {where}: {errors[0].message}")
    # Written again by the YAML library: quoting as people expect it, the template's comments on top.
    head = "".join(f"{line}\n" for line in text.split("\n") if line.startswith("# "))
    body = yaml.dump(document, Dumper=Readable, sort_keys=False, allow_unicode=True, width=110)
    return Manifest(name=document["metadata"]["name"], kind=document["kind"], yaml=head + body)


def notes(model: Model, gpu: Gpu, settings: ManifestSettings) -> list[str]:
    """Return what a person must do or know before applying."""
    sentences = [
        f"Needs KServe 0.20 or later, {NEEDS[settings.autoscaler]}the Prometheus operator in the cluster.",
        *access(model, settings),
        *hardware(gpu),
    ]
    if settings.autoscaler == "hpa":
        sentences.append(
            "The adapter must show vllm:num_requests_running and …_waiting as vllm_num_requests_running "
            "and …_waiting."
        )
    if settings.model_cache:
        sentences.append("The cache volume needs a storage class that many nodes can write (ReadWriteMany).")
    if not settings.prometheus_url and settings.autoscaler == "keda":
        sentences.append("Prometheus is taken to be prometheus-operated in the namespace monitoring.")
    sentences.append("Label the namespaces of gateways and Prometheus compass/may-call=true.")
    return sentences


def access(model: Model, settings: ManifestSettings) -> list[str]:
    """Return notes on the model's licence and on its own code."""
    sentences = []
    if model.gated is not False:
        sentences.append(
            "Make the Secret hf-token with the key HF_TOKEN: the model's licence must be accepted first."
        )
    if model.trust_remote_code and settings.allow_remote_code:
        sentences.append("The model's own Python will run: review it and pin it with --revision.")
    elif model.trust_remote_code:
        sentences.append(
            "The model brings its own Python and does not start without it: review it, then allow it "
            "(allow_remote_code)."
        )
    return sentences


def hardware(gpu: Gpu) -> list[str]:
    """Return notes on what is unverified about a GPU."""
    sentences = []
    if not gpu.product_labels:
        sentences.append(f"No node label is known for {gpu.name}: set the node affinity by hand.")
    elif "product_labels" in gpu.unverified_fields:
        sentences.append(f"The node label of {gpu.name} is remembered, not seen: compare it with your nodes.")
    if gpu.vendor != "nvidia":
        sentences.append(
            f"Pods on {gpu.name} were never tried at the restricted level: some clusters ask for more rights."
        )
    return sentences


def refuse_several_nodes(
    option: Option, specification: Specification, model: Model, gpu: Gpu, recipe: Recipe
) -> None:
    """Refuse a replica over several machines, and say what serves it.

    Raises:
        InvalidInput: with the command of each machine.
    """
    if option.nodes_per_replica == 1:
        return
    words = serve_arguments(option, specification, model, gpu, recipe.name, recipe.settings.allow_remote_code)
    command = " ".join(shlex.quote(word) for word in words if "histogram" not in word)
    raise InvalidInput(
        "option_id",
        f"a replica of {option.option_id or model.name} spans {option.nodes_per_replica} machines, for which "
        "Compass writes no manifests yet: KServe's InferenceService places one pod a replica. It takes a "
        f"LeaderWorkerSet (leaderworkerset.x-k8s.io/v1) of {option.nodes_per_replica} pods, "
        f"{option.gpus // option.replicas // option.nodes_per_replica} GPUs each, and a Service. "
        f"Each pod runs: vllm serve {command} --nnodes={option.nodes_per_replica} --node-rank=RANK "
        "--master-addr=LEADER, the workers with --headless.",
    )
