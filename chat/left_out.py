"""What Chainlit imports and this chat never calls: without it the first page is there in half the time."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

UNCALLED = {
    # The client of a service for traces, of which Chainlit takes names for its annotations.
    "literalai",
    # For tools that a visitor would connect to the page, which is switched off; ours are served elsewhere.
    "mcp",
}
"""Packages in whose place nothing stands, under any name."""

UNNEEDED = {
    # HTTP clients of a socket.io client; the chat is its server.
    "aiohttp",
    "requests",
    # httpx's command line.
    "httpx._main",
}
"""Modules that their importers do without where they are not installed."""


class Nothing(ModuleType):
    """A package all of whose names are there, and mean nothing."""

    def __getattr__(self, name: str) -> Any:
        """Any name but Python's own."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Any


class LeftOut(MetaPathFinder, Loader):
    """Finds nothing where something would be."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks.

        Raises:
            ModuleNotFoundError: the module is to be done without.
        """
        if fullname in UNNEEDED:
            raise ModuleNotFoundError(f"{fullname} is left out", name=fullname)
        return ModuleSpec(fullname, self, is_package=True) if is_uncalled(fullname) else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Nothing."""
        return Nothing(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def is_uncalled(module: str) -> bool:
    """Whether a module belongs to one of the packages that are not called."""
    return module.split(".")[0] in UNCALLED


@contextmanager
def left_out() -> Iterator[None]:
    """While Chainlit is imported; who needs one of these later imports the real one."""
    before, finder = set(sys.modules), LeftOut()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for module in [name for name in sys.modules if is_uncalled(name) and name not in before]:
            del sys.modules[module]
