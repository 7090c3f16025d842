"""The `compass` command: as a process, or in this one where a process of its own would show no more."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main
from cli.simulate import Flags, simulate

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """What a command left."""

    returncode: int
    stdout: str
    stderr: str


def started(data_dir: Path, *words: str, **environment: str) -> Done:
    """Run the command as a shell does."""
    variables = os.environ | {"COMPASS_DATA_DIR": str(data_dir), "COMPASS_MODEL": "offline"} | environment
    command = [sys.executable, "-m", "compass", *words]
    ended = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120)
    return Done(ended.returncode, ended.stdout, ended.stderr)


def called(data_dir: Path, *words: str, **environment: str) -> Done:
    """Run the command from its front door on, in this process, which saves the start of another."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    variables = {"COMPASS_DATA_DIR": str(data_dir), "COMPASS_MODEL": "offline"} | environment
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["compass", *words])
        for name, value in variables.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Done(code, out.getvalue(), err.getvalue())


def simulation_flags(*words: str) -> Flags:
    """The flags of `compass simulate` with these words."""
    given = simulate.make_context("simulate", list(words)).params
    return Flags(**{name: value for name, value in given.items() if name != "as_json"})
