"""Finds the tool or parameter that a misspelt name means."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

NEAR_ENOUGH = 70
VERY_NEAR = 90
CAREFUL = {"deploy", "undeploy"}
SYNONYMS = {
    "plan": "plan_replicas",
    "planoptions": "plan_replicas",
    "recommend": "plan_replicas",
    "slo": "map_slo",
    "getslo": "map_slo",
    "benchmarks": "lookup_benchmarks",
    "searchbenchmarks": "lookup_benchmarks",
    "yaml": "render_yaml",
    "generateyaml": "render_yaml",
    "status": "get_status",
    "checkstatus": "get_status",
    "test": "test_inference",
    "inference": "test_inference",
}


def nearest_tool(name: str, names: Iterable[str]) -> str | None:
    """Return the tool that a name means: equal but for case and separators, or clearly near; else None.

    A tool that changes the world must be nearer: "remove_deployment" is no "deploy".
    """
    spelled = {re.sub(r"[^a-z]", "", known): known for known in names}
    plain = re.sub(r"[^a-z]", "", name.rsplit(".", 1)[-1].lower())
    if plain in spelled:
        return spelled[plain]
    if plain in SYNONYMS and SYNONYMS[plain] in spelled.values():
        return SYNONYMS[plain]
    found = process.extractOne(plain, list(spelled), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    if found is None or (spelled[found[0]] in CAREFUL and found[1] < VERY_NEAR):
        return None
    return spelled[found[0]]


def nearest_parameter(name: str, properties: Iterable[str]) -> str | None:
    """Return the parameter that a name means: "users" is user_count, "ttft" is ttft_ms."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    known = list(properties)
    if plain in known:
        return plain
    aliases = {
        "users": "user_count",
        "num_users": "user_count",
        "option": "option_id",
        "plan": "plan_id",
        "id": "",
    }
    if aliases.get(plain) in known:
        return aliases[plain]
    starts = [
        other for other in known if other.startswith(plain + "_") and other.endswith(("_ms", "_id", "_types"))
    ]
    if len(starts) == 1:
        return starts[0]
    found = process.extractOne(plain, known, scorer=fuzz.ratio, score_cutoff=85)
    return found[0] if found else None
