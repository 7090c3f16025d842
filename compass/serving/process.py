"""Starts a simulator as a process of its own session, finds it again after a restart, and stops it."""

import asyncio
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from compass.core import CompassError, Unavailable

STOP_S = 3.0
SAME_START_S = 5.0
"""Clocks are adjusted; a start time that differs by less is the same start."""
children: list[subprocess.Popen[bytes]] = []
"""Simulators that this process started. They live on after it, but while it runs they are its to reap."""


class SimulatorProcess(BaseModel):
    """Identifies a process by number, start time and folder, since numbers are given again after a while."""

    model_config = ConfigDict(frozen=True)

    pid: int
    started: float
    """Unix time, as the operating system says it."""
    folder: str
    """Its files; the path is among its arguments."""

    def find(self) -> psutil.Process | None:
        """Return the process if it still runs and is the same one."""
        reap_children()
        try:
            found = psutil.Process(self.pid)
            if found.status() == psutil.STATUS_ZOMBIE:
                return None
            same = abs(found.create_time() - self.started) < SAME_START_S
            return found if same and any(self.folder in word for word in found.cmdline()) else None
        except psutil.Error:
            return None

    async def stop(self) -> None:
        """End it and its group: asked first, then killed; not running is no error."""
        found = self.find()
        if found is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal_group(found.pid, number)
            if await asyncio.to_thread(has_ended, found):
                return
        raise CompassError(f"Process {self.pid} does not end. Stop it yourself: kill -9 {self.pid}.")


def reap_children() -> None:
    """Reap the simulators that this process started and that have ended."""
    children[:] = [child for child in children if child.poll() is None]


def has_ended(process: psutil.Process) -> bool:
    """Wait for the end of a process; whether it came within a few seconds."""
    try:
        process.wait(timeout=STOP_S)
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    return True


def signal_group(pid: int, number: int) -> None:
    """Signal the process group that the process leads."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        # It ended by itself in the meantime.
        return


def start_simulator(folder: Path, arguments: Sequence[str]) -> SimulatorProcess:
    """Start `python -m simulator` with its output in `folder/log`.

    Raises:
        Unavailable: the operating system refuses.
    """
    spec = importlib.util.find_spec("simulator")
    if spec is None or spec.origin is None:
        raise Unavailable("The simulator is not installed. Install Compass again: make run.")
    root = Path(spec.origin).parents[1]
    try:
        with open(folder / "log", "ab") as log:
            # A session of its own: Ctrl-C and the end of our terminal do not reach it.
            child = subprocess.Popen(
                [sys.executable, "-m", "simulator", *arguments],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise Unavailable(f"The simulator cannot be started ({error.strerror}).") from error
    children.append(child)
    try:
        started = psutil.Process(child.pid).create_time()
    except psutil.NoSuchProcess:
        started = 0.0
    return SimulatorProcess(pid=child.pid, started=started, folder=str(folder))


def last_log_line(folder: Path) -> str:
    """The last line of the log, or nothing."""
    try:
        lines = (folder / "log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line for line in reversed(lines) if line.strip()), "")
