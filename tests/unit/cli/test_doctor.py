"""`compass doctor`: what works is said to work, and what does not says what to do."""

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from cli.doctor import data, kubernetes
from compass.core import CompassError
from tests.commands import called

NAMES = ["Python", "data directory", "database", "language model", "kubernetes"]


def checks(data_dir: Path, **environment: str) -> dict[str, tuple[bool, str]]:
    """Whether each check works, and what it says."""
    done = called(data_dir, "doctor", "--json", **environment)
    assert done.returncode == 0, done.stderr
    return {entry["check"]: (entry["works"], entry["says"]) for entry in json.loads(done.stdout)}


def test_everything_is_checked_and_what_lacks_says_what_to_do(data_dir: Path) -> None:
    found = checks(data_dir)

    assert list(found) == NAMES
    assert found["Python"][0] and found["data directory"][0]
    assert found["database"][0] and "benchmark runs" in found["database"][1]
    assert not found["language model"][0] and "offline engine answers" in found["language model"][1]


def test_a_database_that_does_not_answer_costs_only_its_own_line(tmp_path: Path) -> None:
    found = checks(tmp_path, COMPASS_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert not found["database"][0] and "COMPASS_DATABASE_URL" in found["database"][1]
    assert found["Python"][0] and found["data directory"][0]


def test_a_person_reads_a_line_a_check(data_dir: Path) -> None:
    lines = called(data_dir, "doctor").stdout.splitlines()

    assert [line[3:20].strip() for line in lines] == NAMES
    assert {line[:2] for line in lines} == {"ok", "--"}


async def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch, own_data_dir: Path) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(2**40, 2**40, 2**28))

    with pytest.raises(CompassError, match=r"0\.2 GiB free.*COMPASS_DATA_DIR"):
        await data()


async def test_no_cluster_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", "/nowhere")

    with pytest.raises(CompassError, match="the target local and render_yaml work without"):
        await kubernetes()
