"""The chat as people meet it: start, memory, time to an answer in the browser, twenty people at once."""

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import socketio
from playwright.async_api import Browser, async_playwright

from compass.catalog import load_catalog
from tests.e2e.browser import CHROMIUM, chat_server, fresh, planned, say

PEOPLE = 20
READING_S = 2.0
CORES = 2
TALK = (
    *load_catalog().demonstrations[:1],
    "what about H200 instead?",
    "and for 20,000 users?",
    "show the yaml",
)
MIB = 1024 * 1024
TARGETS = {
    "first start to an answered question, s": 20.0,
    "later start to an answered question, s": 5.0,
    "memory when idle, MiB": 600.0,
    "answer to a demonstration in the browser, s": 1.5,
    "errors of 20 people at once": 0.0,
}


@contextmanager
def folder() -> Iterator[Path]:
    """An empty data directory, which PostgreSQL's stand-in for root can enter."""
    path = Path(tempfile.mkdtemp(prefix="compass-bench-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def server_of(address: str) -> psutil.Process:
    """The chat's own process."""
    port = address.rsplit(":", 1)[-1]
    return next(p for p in psutil.Process().children(recursive=True) if port in p.cmdline())


def cpu_s(process: psutil.Process) -> float:
    """Seconds of a processor that it has had: what a busy machine does not falsify much."""
    times = process.cpu_times()
    return float(times.user + times.system)


def memory_mib(data: Path, address: str) -> tuple[float, float]:
    """Proportional memory of the server and of its embedded PostgreSQL: shared pages are counted once."""
    server = server_of(address)
    postmaster = psutil.Process(int((data / "postgresql" / "postmaster.pid").read_text().split()[0]))
    database = [postmaster, *postmaster.children(recursive=True)]
    own = [p for p in (server, *server.children(recursive=True)) if p not in database]
    return pss(own), pss(database)


def pss(processes: list[psutil.Process]) -> float:
    """Their proportional set size in MiB."""
    return sum(process.memory_full_info().pss for process in processes) / MIB


async def answered(chromium: Browser, address: str) -> float:
    """Seconds from the click on a demonstration to its plan, charts excepted, in a new browser window."""
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(address)
    await fresh(page)
    starter = page.get_by_role("button", name="Customer service chatbot")
    await starter.wait_for()
    # A person reads before the first click.
    await asyncio.sleep(READING_S)
    started = time.perf_counter()
    await starter.click()
    await planned(page).wait_for()
    took = time.perf_counter() - started
    await context.close()
    return took


async def start_to_answer(chromium: Browser, data: Path) -> float:
    """Seconds from the command to the first plan on the page."""
    started = time.perf_counter()
    with chat_server(data) as address:
        page = await chromium.new_page()
        await page.goto(address)
        await fresh(page)
        await say(page, TALK[0])
        await planned(page).wait_for()
        took = time.perf_counter() - started
        print(
            f"from the command to an answer: {took:.1f} s, of a processor {cpu_s(server_of(address)):.1f} s"
        )
        await page.close()
    return took


async def person(address: str) -> list[float]:
    """One visitor over the page's own socket; seconds of each answer, an error where one does not come."""
    client = socketio.AsyncClient(reconnection=False)
    ended, seen = asyncio.Event(), []
    client.on("task_end", lambda *_: ended.set())
    client.on("element", lambda element: seen.append(element["name"]))
    auth = {
        "sessionId": str(uuid4()),
        "clientType": "webapp",
        "userEnv": "{}",
        "chatProfile": "",
        "threadId": "",
    }
    await client.connect(address, socketio_path="/ws/socket.io", auth=auth, transports=["websocket"])
    await client.emit("connection_successful")
    await asyncio.sleep(1)
    times = []
    for text in TALK:
        ended.clear()
        seen.clear()
        started = time.perf_counter()
        await client.emit("client_message", {"message": message(text), "fileReferences": []})
        await asyncio.wait_for(ended.wait(), 60)
        times.append(time.perf_counter() - started)
        if not {"PlanCard", "ManifestsCard"} & set(seen):
            raise RuntimeError(f"no card for {text!r}")
    await client.disconnect()
    return times


def message(text: str) -> dict[str, Any]:
    """What the page sends."""
    return {"id": str(uuid4()), "name": "User", "type": "user_message", "output": text, "threadId": ""} | {
        "createdAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    }


async def crowd(address: str) -> tuple[list[float], list[str]]:
    """Twenty visitors at once: their waiting times, and what went wrong."""
    done = await asyncio.gather(*(person(address) for _ in range(PEOPLE)), return_exceptions=True)
    times = [seconds for result in done if isinstance(result, list) for seconds in result]
    return times, [f"{type(e).__name__}: {e}" for e in done if isinstance(e, BaseException)]


async def measure() -> dict[str, float]:
    """All figures, with the details printed on the way."""
    found: dict[str, float] = {}
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with folder() as data:
            found["first start to an answered question, s"] = await start_to_answer(chromium, data)
            found["later start to an answered question, s"] = await start_to_answer(chromium, data)
            with chat_server(data) as address:
                await asyncio.sleep(3)
                server, database = memory_mib(data, address)
                print(f"idle: server {server:.0f} MiB, PostgreSQL {database:.0f} MiB")
                found["memory when idle, MiB"] = server + database
                before = cpu_s(server_of(address))
                times = [await answered(chromium, address) for _ in range(6)]
                spent = (cpu_s(server_of(address)) - before) / len(times)
                print("answers in the browser, s:", " ".join(f"{t:.2f}" for t in times))
                print(f"page and answer together cost the server {spent:.2f} s of a processor")
                found["answer to a demonstration in the browser, s"] = statistics.median(times)
                waits, errors = await crowd(address)
                waits.sort()
                print(f"{PEOPLE} people, {len(waits)} answers: median {statistics.median(waits):.2f} s, "
                      f"longest {waits[-1]:.2f} s; errors: {errors or 'none'}")  # fmt: skip
                found["errors of 20 people at once"] = len(errors)
                server, database = memory_mib(data, address)
                print(f"afterwards: server {server:.0f} MiB, PostgreSQL {database:.0f} MiB")
        await chromium.close()
    return found


def main() -> None:
    """Print each figure beside its target."""
    if CHROMIUM is None:
        print("no Chromium here: install Debian's package chromium")
        return
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    print(f"load of this machine, which slows all of it: {os.getloadavg()[0]:.1f} on {CORES} processors")
    for name, value in asyncio.run(measure()).items():
        verdict = "ok" if value <= TARGETS[name] else "MISSED"
        print(f"{name:<46} {value:8.2f}   target {TARGETS[name]:g}   {verdict}")


if __name__ == "__main__":
    main()
