"""The simulators that stand in for deployed models on this machine."""

from pathlib import Path

import psutil


def simulators(folder: Path) -> list[psutil.Process]:
    """Running simulators with files in a data directory."""
    deployments = str(folder / "deployments")
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if any(deployments in word for word in process.info["cmdline"] or ())
        and process.info["status"] != "zombie"
    ]
