"""Imports point one way: doors → agent → tools → compass → templates, and inside compass room by room.

What is allowed stands in ROOMS; beside that no circle is, neither of files nor of folders.
"""

import ast
import functools
import gc
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Graph = Mapping[str, set[str]]

ROOMS: dict[str, set[str]] = {
    "templates": set(),
    "simulator": set(),
    "compass.core": set(),
    "compass.store": {"compass.core"},
    "compass.catalog": {"compass.core"},
    "compass.benchmarks": {"compass.catalog", "compass.store", "compass.core"},
    "compass.capacity": {"compass.benchmarks", "compass.catalog", "compass.store", "compass.core"},
    "compass.traffic": {"compass.capacity", "compass.core"},
    "compass.estimates": {"compass.traffic", "compass.capacity", "compass.catalog", "compass.core"},
    "compass.speculation": {"compass.traffic", "compass.capacity", "compass.catalog", "compass.core"},
    "compass.sessions": {"compass.traffic", "compass.capacity", "compass.core"},
    "compass.planning": {
        "compass.sessions", "compass.speculation", "compass.traffic", "compass.capacity", "compass.catalog",
        "compass.core",
    },
    "compass.deployment_capacity": {
        "compass.planning", "compass.traffic", "compass.capacity", "compass.catalog", "compass.core",
    },
    "compass.comparison": {
        "compass.deployment_capacity", "compass.planning", "compass.capacity", "compass.catalog",
        "compass.core",
    },
    "compass.manifests": {
        "compass.planning", "compass.speculation", "compass.catalog", "compass.core", "templates",
    },
    "compass.serving": {
        "compass.manifests", "compass.planning", "compass.capacity", "compass.catalog", "compass.store",
        "compass.core",
    },
    "compass": {"compass"},
    "calibration": {"compass"},
    "tools": {"compass"},
    "agent": {"tools", "compass"},
    "mcp_server": {"tools", "compass"},
    "chat": {"agent", "tools", "compass"},
    "cli": {"agent", "chat", "compass", "mcp_server", "simulator", "tools"},
}  # fmt: skip
"""What each room may import beside itself; a room named without its own rooms means all of them."""
COMMAND = "compass.__main__"
"""`python -m compass` is the command line, which stands above the library."""


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    tops = {room.partition(".")[0] for room in ROOMS}
    files = (path for top in sorted(tops) for path in (ROOT / top).rglob("*.py"))
    return {dotted(path): path for path in files}


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def parsed(path: Path) -> ast.Module:
    # Python 3.11 loses count of its recursion where a collection ends others' coroutines while it parses.
    gc.disable()
    tree = ast.parse(path.read_text())
    gc.enable()
    return tree


def imported(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports, inside of functions too, and by the stub of a lazy package."""
    stub = path.with_suffix(".pyi")
    if stub.exists():
        for node in ast.walk(parsed(stub)):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                yield f"{dotted(path)}.{node.module}"
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from inner & modules().keys() or {node.module}


@functools.cache
def graph() -> Graph:
    """Module → the modules of ours that it imports."""
    return {
        name: {other for other in imported(path) if other in modules() and other != name}
        for name, path in modules().items()
        if name != COMMAND
    }


def inside(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def room_of(name: str) -> str:
    return max((room for room in ROOMS if inside(name, room)), key=len)


def children_of(folder: str) -> Graph:
    """The imports among what stands directly in a folder, each folder in it taken as one."""
    depth = folder.count(".") + 1
    edges: dict[str, set[str]] = {}
    for name, others in graph().items():
        if name == folder or not inside(name, folder):
            continue
        child = ".".join(name.split(".")[: depth + 1])
        found = {
            ".".join(other.split(".")[: depth + 1])
            for other in others
            if inside(other, folder) and other != folder
        }
        edges.setdefault(child, set()).update(found - {child})
    return edges


def circle_in(edges: Graph) -> list[str]:
    """The names that go round in circles: what is left when all that lead nowhere are taken away."""
    left = {name: set(others) for name, others in edges.items()}
    while ends := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in ends}
    return sorted(left)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_what_it_stands_on(room: str) -> None:
    allowed = {room, *ROOMS[room]}
    wrong = {
        name: refused
        for name, others in graph().items()
        if room_of(name) == room
        and (refused := {other for other in others if not any(inside(other, one) for one in allowed)})
    }

    assert not wrong


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert circle_in(graph()) == []


@pytest.mark.parametrize("folder", sorted({name.rpartition(".")[0] for name in graph() if "." in name}))
def test_no_folder_imports_itself_by_way_of_others(folder: str) -> None:
    assert circle_in(children_of(folder)) == []
