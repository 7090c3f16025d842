"""The same questions to a peer, aiconfigurator: one estimate, and its search for one model and one GPU.

It is installed into a temporary virtual environment of its own (or: python benches/peer.py VENV uses one that
is there). Both answer in process and warm; the answers stand beside the times, since speed alone says little.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from compass.capacity import Estimator
from compass.catalog import load_catalog
from compass.planning import SearchSpace, Wishes, find_candidate, make_plan, specify

PEER = "aiconfigurator"
MODEL, GPU, PROMPT, OUTPUT, BATCH, RATE = "Qwen/Qwen3-8B", "H100-SXM", 512, 256, 16, 13.3
TTFT_MS, ITL_MS = 300.0, 25.0
RUNS = 3

# Runs inside the peer's environment; prints one JSON document.
ASK = f"""
import contextlib, io, json, logging, statistics, sys, time
logging.disable(logging.CRITICAL)
from aiconfigurator.cli.api import cli_estimate, cli_recommend

def estimate():
    return cli_estimate("{MODEL}", "h100_sxm", backend_name="vllm", isl={PROMPT}, osl={OUTPUT},
                        batch_size={BATCH}, tp_size=1)

def search():
    return cli_recommend("{MODEL}", "h100_sxm", target_request_rate={RATE}, backend="vllm", isl={PROMPT},
                         osl={OUTPUT}, ttft={TTFT_MS}, tpot={ITL_MS})

def timed(work):
    work()
    times = []
    for _ in range({RUNS}):
        began = time.perf_counter()
        found = work()
        times.append(time.perf_counter() - began)
    return statistics.median(times), found

with contextlib.redirect_stdout(io.StringIO()):
    estimate_s, seen = timed(estimate)
    search_s, found = timed(search)
best = found.best_configs.get(found.chosen_exp)
first = best.iloc[0] if best is not None and len(best) else {{}}
print(json.dumps({{"estimate_s": estimate_s, "ttft_ms": float(seen.ttft), "itl_ms": float(seen.tpot),
                  "search_s": search_s, "answer": {{str(k): str(v) for k, v in dict(first).items()}}}}))
"""


def main() -> None:
    """Install the peer, ask both, print the ratios."""
    if len(sys.argv) > 1:
        report(ask(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "venv"
        try:
            install(place)
        except (subprocess.CalledProcessError, OSError) as error:
            said = getattr(error, "stderr", "") or str(error)
            print(f"{PEER} cannot be installed here ({said.strip().splitlines()[-1] if said else error}).")
            print("Give a virtual environment that has it: python benches/peer.py VENV")
            return
        report(ask(place))


def install(place: Path) -> None:
    """The peer by its name, from whatever registry pip is set up for."""
    print(f"installing {PEER} …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, capture_output=True, text=True)
    python = str(place / "bin" / "python")
    ways = ([str(Path(sys.executable).parent / "uv"), "pip", "install", "-q", "--python", python, PEER],
            [python, "-m", "pip", "install", "-q", PEER])  # fmt: skip
    for way in ways:
        if Path(way[0]).exists() and subprocess.run(way, capture_output=True).returncode == 0:
            return
    subprocess.run(ways[-1], check=True, capture_output=True, text=True)


def ask(place: Path) -> dict[str, Any]:
    """What the peer says, and how long it takes."""
    done = subprocess.run(
        [str(place / "bin" / "python"), "-c", ASK], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{PEER} does not answer: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def median_s(work: Callable[[], object]) -> float:
    """Median of some runs after one that warms up."""
    work()
    times = []
    for _ in range(RUNS * 5):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def report(peer: dict[str, Any]) -> None:
    """Ours beside the peer's, in the same run."""
    catalog = load_catalog()
    estimator = Estimator.shipped()
    space = SearchSpace(catalog, estimator)
    config = find_candidate(catalog, MODEL, GPU, "bf16").configuration
    load = np.array([float(BATCH)])
    one = median_s(lambda: estimator.predict([config], load, PROMPT, OUTPUT))
    batch = estimator.compile([config])
    warm = median_s(lambda: batch.predict(load, PROMPT, OUTPUT))
    seen = batch.predict(load, PROMPT, OUTPUT)
    wish = specify(catalog, Wishes(
        use_case="chatbot_conversational", requests_per_second=RATE, prompt_tokens=PROMPT, ttft_ms=TTFT_MS,
        output_tokens=OUTPUT, itl_ms=ITL_MS, preferred_models=(MODEL,), preferred_gpu_types=(GPU,),
    ))  # fmt: skip
    whole = specify(catalog, Wishes(
        use_case="chatbot_conversational", requests_per_second=RATE, prompt_tokens=PROMPT, ttft_ms=TTFT_MS,
        output_tokens=OUTPUT, itl_ms=ITL_MS,
    ))  # fmt: skip
    narrow, all_s = median_s(lambda: make_plan(space, wish)), median_s(lambda: make_plan(space, whole))
    best = make_plan(space, wish).options[0]
    print(f"one estimate   {PEER} {peer['estimate_s']:8.2f} s   ours {one * 1000:6.2f} ms   "
          f"ratio {peer['estimate_s'] / one:,.0f}; compiled before {warm * 1000:.2f} ms")  # fmt: skip
    print(f"               TTFT {peer['ttft_ms']:.0f} and {seen.ttft_ms[0, 0]:.0f} ms, "
          f"ITL {peer['itl_ms']:.1f} and {seen.itl_ms[0, 0]:.1f} ms")  # fmt: skip
    print(f"one model+GPU  {PEER} {peer['search_s']:8.2f} s   ours {narrow * 1000:6.2f} ms   "
          f"ratio {peer['search_s'] / narrow:,.0f}")  # fmt: skip
    print(f"whole catalog  ours {all_s * 1000:.1f} ms for {len(space.candidates):,} configurations, "
          f"ratio to the peer's one pair {peer['search_s'] / all_s:,.0f}")  # fmt: skip
    wanted = {"tp", "concurrency", "replicas_needed", "total_gpus_needed", "ttft", "tpot", "seq/s"}
    shown = {name: value for name, value in peer["answer"].items() if name in wanted}
    print(f"               peer {shown}; ours {best.precision} on {best.replicas} × {best.tensor_parallel}, "
          f"{best.capacity_requests_per_second:g}/s a replica")  # fmt: skip


if __name__ == "__main__":
    main()
