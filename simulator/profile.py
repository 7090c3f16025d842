"""The latency profile: how long one engine step of one replica takes."""

import json
from bisect import bisect_right
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

POSITIVE = ("prefill_ms_per_token",)
POSITIVE_WHOLE = ("max_num_seqs", "max_num_batched_tokens", "kv_capacity_tokens", "max_model_len")
NOT_NEGATIVE = ("kv_ms_per_token", "prefill_ms_per_token_squared", "request_overhead_ms")


class ProfileError(Exception):
    """A profile that cannot be used: names the file, the field and the problem."""


@dataclass(frozen=True)
class Profile:
    """Step time in milliseconds, and the limits of one replica.

    step = interp(decoding sequences over `batch`, `decode_ms`)
         + kv_ms_per_token · resident context tokens of the decoding sequences
         + prefill_ms_per_token · prompt tokens in the step
         + prefill_ms_per_token_squared · (prompt tokens · their mean context)
    """

    model: str
    batch: tuple[int, ...]
    decode_ms: tuple[float, ...]
    kv_ms_per_token: float
    prefill_ms_per_token: float
    prefill_ms_per_token_squared: float
    request_overhead_ms: float
    max_num_seqs: int
    max_num_batched_tokens: int
    kv_capacity_tokens: int
    max_model_len: int

    def decode_step_ms(self, sequences: int) -> float:
        """The first term: linear between the points, flat outside; no sequence costs the first point."""
        batch, times = self.batch, self.decode_ms
        if sequences <= batch[0]:
            return times[0]
        if sequences >= batch[-1]:
            return times[-1]
        right = bisect_right(batch, sequences)
        share = (sequences - batch[right - 1]) / (batch[right] - batch[right - 1])
        return times[right - 1] + share * (times[right] - times[right - 1])

    def step_ms(
        self, sequences: int, context_tokens: int, prompt_tokens: int, prompt_attention: float
    ) -> float:
        """One step; `prompt_attention` is the sum over chunks of tokens · mean context."""
        return (
            self.decode_step_ms(sequences)
            + self.kv_ms_per_token * context_tokens
            + self.prefill_ms_per_token * prompt_tokens
            + self.prefill_ms_per_token_squared * prompt_attention
        )


def read_profile(path: Path) -> Profile:
    """Read and check a profile.

    Raises:
        ProfileError: the file cannot be read, is no JSON object, or a field is missing or impossible.
    """
    try:
        return parse_profile(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ProfileError(f"{path}: {reason}. Give --profile a JSON file of a latency profile.") from error


def default_profile() -> Profile:
    """The profile of a server started without one.

    Llama-3.1-8B-Instruct in bf16 on one H100, 512 → 256 tokens: `closed_loop_profile` of the
    capacity model of 2026-11-24. An estimate, not a measurement.
    """
    return parse_profile(
        files("simulator").joinpath("default_profile.json").read_text(), "default_profile.json"
    )


def parse_profile(text: str, where: str) -> Profile:
    """Check the JSON text of a profile; `where` names it in errors."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ProfileError(f"{where}: not JSON ({error.msg}, line {error.lineno}).") from error
    if not isinstance(document, dict):
        raise ProfileError(f"{where}: a profile is one JSON object.")
    names = {field.name for field in fields(Profile)}
    if missing := sorted(names - document.keys()):
        raise ProfileError(f"{where}: {', '.join(missing)} missing.")
    if unknown := sorted(document.keys() - names):
        raise ProfileError(
            f"{where}: {', '.join(unknown)} not known; a profile has {', '.join(sorted(names))}."
        )
    check(document, where)
    document["batch"] = tuple(document["batch"])
    document["decode_ms"] = tuple(float(value) for value in document["decode_ms"])
    return Profile(**document)


def check(document: dict[str, Any], where: str) -> None:
    """Refuse the first field that cannot be."""
    if not (isinstance(document["model"], str) and document["model"]):
        raise ProfileError(f"{where}: model: give the model's name.")
    for name in POSITIVE_WHOLE:
        if not (whole(document[name]) and document[name] > 0):
            raise ProfileError(f"{where}: {name}: {document[name]!r} is not a positive whole number.")
    for name in POSITIVE + NOT_NEGATIVE:
        value = document[name]
        if not number(value) or value < 0 or (name in POSITIVE and value == 0):
            raise ProfileError(f"{where}: {name}: {value!r} is not a possible number of milliseconds.")
    check_curve(document["batch"], document["decode_ms"], where)


def check_curve(batch: Any, times: Any, where: str) -> None:
    """The decode curve: two lists of one length, batch sizes rising."""
    if not (isinstance(batch, list) and isinstance(times, list) and batch and len(batch) == len(times)):
        raise ProfileError(f"{where}: batch and decode_ms: two lists of the same length, not empty.")
    if not all(whole(value) and value > 0 for value in batch) or sorted(set(batch)) != batch:
        raise ProfileError(f"{where}: batch: positive whole numbers, each larger than the one before.")
    if not all(number(value) and value > 0 for value in times):
        raise ProfileError(f"{where}: decode_ms: positive numbers of milliseconds.")


def whole(value: Any) -> bool:
    """A whole number, and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(value: Any) -> bool:
    """A finite number, and not a boolean."""
    return whole(value) or (isinstance(value, float) and value - value == 0)
