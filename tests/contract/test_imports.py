"""Imports point one way: doors → agent → tools → compass → templates; the simulator stands alone."""

import ast
import gc
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT: dict[str, set[str]] = {
    "templates": set(),
    "simulator": set(),
    "compass": {"templates"},
    "calibration": {"compass"},
    "tools": {"compass"},
    "agent": {"tools", "compass"},
    "mcp_server": {"tools", "compass"},
    "chat": {"agent", "tools", "compass"},
    "cli": {"agent", "chat", "compass", "mcp_server", "simulator", "tools"},
}
OURS = set(MAY_IMPORT)
DOOR = ROOT / "compass" / "__main__.py"
"""`python -m compass` is the command line, which stands above the library."""


def imported(path: Path) -> set[str]:
    """Top-level packages of ours that a file imports."""
    names: set[str] = set()
    # Python 3.11 loses count of its recursion where a collection ends others' coroutines while it parses.
    gc.disable()
    tree = ast.parse(path.read_text())
    gc.enable()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names & OURS


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_it_stands_on(package: str) -> None:
    allowed = MAY_IMPORT[package] | {package}
    wrong = {
        str(path.relative_to(ROOT)): sorted(imported(path) - allowed)
        for path in (ROOT / package).rglob("*.py")
        if path != DOOR and imported(path) - allowed
    }
    assert not wrong
