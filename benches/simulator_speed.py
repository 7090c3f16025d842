"""How many tokens a second the simulator streams, and how well it keeps the profile's pace.

The server runs in its own process, the client in this one. Throughput is stated per second of the server's
own CPU time (what one core does) and per second of wall time (this machine, with the client beside it).
"""

import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

from simulator.profile import Profile, default_profile

ROOT = Path(__file__).parents[1]


@contextmanager
def running(profile: Profile) -> Iterator[int]:
    """A simulator on a free port."""
    with tempfile.TemporaryDirectory() as folder:
        file, port_file = Path(folder) / "profile.json", Path(folder) / "port"
        file.write_text(json.dumps(dataclasses.asdict(profile)))
        words = ["-m", "simulator", "--port", "0", "--profile", str(file), "--port-file", str(port_file)]
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            while not port_file.exists():
                time.sleep(0.02)
            yield int(port_file.read_text())
        finally:
            process.terminate()
            process.wait()


def metric(port: int, name: str) -> float:
    """One sample of the server's metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.partition("{")[0].split()[0] == name)


async def stream(port: int, tokens: int) -> tuple[float, int]:
    """Mean gap in milliseconds between tokens of one streamed completion, and its bytes."""
    body = json.dumps({"prompt": "a b c", "max_tokens": tokens, "stream": True}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body)
    first = last = 0.0
    size = 0
    while data := await reader.read(65536):
        size += len(data)
        if b"data: {" in data:
            last = time.perf_counter()
            first = first or last
    writer.close()
    return (last - first) * 1000 / (tokens - 1), size


async def streams(port: int, count: int, tokens: int) -> list[float]:
    """Several at once; their mean gaps."""
    return [gap for gap, _ in await asyncio.gather(*(stream(port, tokens) for _ in range(count)))]


def throughput(profile: Profile, count: int, tokens: int) -> None:
    """As many tokens as the server can send."""
    fast = dataclasses.replace(profile, batch=(1,), decode_ms=(0.01,), kv_ms_per_token=0.0)
    with running(fast) as port:
        cpu, wall = metric(port, "process_cpu_seconds_total"), time.perf_counter()
        asyncio.run(streams(port, count, tokens))
        wall = time.perf_counter() - wall
        cpu = metric(port, "process_cpu_seconds_total") - cpu
    sent = count * tokens
    print(f"{count:4} streams  {sent / cpu:9,.0f} tokens per core second  {sent / wall:9,.0f} tokens/s wall")


def pace(profile: Profile, count: int, tokens: int) -> None:
    """Mean gap against the profile's step, without a prompt in the way."""
    with running(profile) as port:
        gaps = asyncio.run(streams(port, count, tokens))
        late = metric(port, "simulator_late_seconds_total")
    context = count * (3 + tokens / 2)
    expected = profile.decode_step_ms(count) + profile.kv_ms_per_token * context
    error = fmean(gaps) / expected - 1
    busy = f" (this machine was {late:.2f} s too slow)" if late else ""
    print(
        f"{count:4} streams  ITL {fmean(gaps):7.3f} ms, profile {expected:7.3f} ms, error {error:+.2%}{busy}"
    )


if __name__ == "__main__":
    plain = default_profile()
    for streams_at_once in (16, 64, 256):
        throughput(plain, streams_at_once, 400)
    for streams_at_once in (1, 16, 64, 128):
        pace(plain, streams_at_once, 200)
