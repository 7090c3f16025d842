"""`python -m simulator`: the command line, whose names are vLLM's where vLLM has them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simulator.failures import KINDS
from simulator.metrics import FAMILIES
from simulator.profile import Profile, ProfileError, default_profile, number, read_profile
from simulator.server import Life, run
from simulator.settings import Settings

BUCKETS_HELP = 'bounds of histograms in place of vLLM\'s: {"inter_token_latency": [0.01, 0.02]}'


def parser(prog: str) -> argparse.ArgumentParser:
    """The flags."""
    flags = argparse.ArgumentParser(
        prog=prog,
        description="Speaks vLLM's HTTP API and metrics, and takes its time like a planned engine.",
    )
    add = flags.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", type=port, default=8000, help="port, 0 for a free one (%(default)s)")
    add(
        "--profile",
        type=Path,
        metavar="FILE",
        help="latency profile, JSON (an estimate of Llama-3.1-8B on one H100)",
    )
    add("--model", help="repository or path shown as root in /v1/models (the profile's model)")
    add("--served-model-name", nargs="+", metavar="NAME", help="names that clients use (the model)")
    add("--replicas", type=positive, default=1, help="engines behind this one address (%(default)s)")
    add("--max-model-len", type=positive, help="longest context in tokens (the profile's)")
    add("--max-num-seqs", type=positive, help="requests in a batch (the profile's)")
    add("--max-num-batched-tokens", type=positive, help="tokens of a step (the profile's)")
    add("--max-num-queued-reqs", type=not_negative, help="answer 503 beyond this queue (no limit)")
    add("--output-tokens", type=positive, default=128, help="answer without max_tokens (%(default)s)")
    add("--seed", type=int, default=0, help="same seed, same answers (%(default)s)")
    add("--api-key", help="bearer token that /v1 asks for (none)")
    add("--startup-seconds", type=seconds, default=0.0, help="time before the port opens (%(default)s)")
    add(
        "--shutdown-timeout",
        type=seconds,
        default=0.0,
        help="time to finish on SIGTERM; 0 aborts (%(default)s)",
    )
    add("--failure-rate", type=percent, default=0.0, help="percent of requests that fail (%(default)s)")
    add("--failure-types", nargs="+", choices=KINDS, default=[], metavar="KIND", help=", ".join(KINDS))
    add("--custom-histogram-buckets", type=buckets, default={}, metavar="JSON", help=BUCKETS_HELP)
    # For a program that starts this one: where to write the port, and the sign that it is still wanted.
    add("--port-file", type=Path, help=argparse.SUPPRESS)
    add("--adopted-file", type=Path, help=argparse.SUPPRESS)
    return flags


def buckets(text: str) -> dict[str, tuple[float, ...]]:
    """Bounds of histograms by family."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        document = None
    if not isinstance(document, dict) or not document.keys() <= FAMILIES.keys():
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON object with the keys {', '.join(FAMILIES)}")
    for name, bounds in document.items():
        rising = isinstance(bounds, list) and bounds and all(number(bound) for bound in bounds)
        if not rising or sorted(set(bounds)) != bounds or bounds[0] <= 0:
            raise argparse.ArgumentTypeError(
                f"{name}: give positive numbers, each larger than the one before"
            )
    return {name: tuple(bounds) for name, bounds in document.items()}


def port(text: str) -> int:
    """A port number."""
    return between(text, 0, 65535)


def positive(text: str) -> int:
    """A whole number from 1 on."""
    return between(text, 1, 10**12)


def not_negative(text: str) -> int:
    """A whole number from 0 on."""
    return between(text, 0, 10**12)


def between(text: str, low: int, high: int) -> int:
    """A whole number between two limits."""
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
    return value


def seconds(text: str) -> float:
    """A number of seconds."""
    return real(text, 86400.0)


def percent(text: str) -> float:
    """A share in percent."""
    return real(text, 100.0)


def real(text: str, high: float) -> float:
    """A number from 0 to a limit."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {high:g}")
    return value


def with_limits(profile: Profile, flags: argparse.Namespace) -> Profile:
    """The profile with the limits that the flags change."""
    names = ("max_model_len", "max_num_seqs", "max_num_batched_tokens")
    given = {name: value for name in names if (value := getattr(flags, name)) is not None}
    return replace(profile, **given)


def settings_of(flags: argparse.Namespace) -> Settings:
    """The settings that the flags mean.

    Raises:
        ProfileError: the profile cannot be used.
    """
    profile = read_profile(flags.profile) if flags.profile else default_profile()
    profile = with_limits(profile, flags)
    model = flags.model or profile.model
    return Settings(
        profile=profile,
        model=model,
        served_names=tuple(flags.served_model_name or [model]),
        replicas=flags.replicas,
        seed=flags.seed,
        output_tokens=flags.output_tokens,
        max_queued=flags.max_num_queued_reqs,
        api_key=flags.api_key,
        failure_rate=flags.failure_rate,
        failure_kinds=tuple(flags.failure_types),
        buckets=flags.custom_histogram_buckets,
    )


def main(arguments: Sequence[str] | None = None, prog: str = "python -m simulator") -> int:
    """Run the server; the exit code: 0 stopped, 1 cannot listen, 2 bad input."""
    flags = parser(prog).parse_args(arguments)
    try:
        settings = settings_of(flags)
    except ProfileError as error:
        print(error, file=sys.stderr)
        return 2
    life = Life(
        host=flags.host,
        port=flags.port,
        startup_s=flags.startup_seconds,
        shutdown_s=flags.shutdown_timeout,
        port_file=flags.port_file,
        adopted_file=flags.adopted_file,
    )
    return run(settings, life)


if __name__ == "__main__":
    sys.exit(main())
