"""Imports point one way: chat → agent → tools, mcp_server → tools; the simulator stands alone."""

import ast
import gc
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"agent", "chat", "cli", "mcp_server", "tools", "simulator", "templates", "compass"}
MAY_IMPORT = {
    "templates": set(),
    "simulator": set(),
    "tools": {"templates"},
    "mcp_server": {"tools"},
    "agent": {"tools"},
    "chat": {"agent", "tools"},
    "cli": {"agent", "chat", "mcp_server", "tools", "simulator"},
}


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
        if imported(path) - allowed
    }
    assert not wrong
