"""Stores the results of an evaluation on disk, so that a run of hours can be stopped and continued."""

import hashlib
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any


class Journal:
    """Results by a key, a line each; a half-written last line is left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[str, Any] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    key, value = json.loads(line)
                except ValueError:
                    continue
                self.entries[key] = value

    @classmethod
    def of(cls, folder: Path, model: str, *sets: object) -> "Journal":
        """The journal of a model on these sets with this version of Compass."""
        digest = digest_of([version("llm-compass"), *map(repr, sets)])
        return cls(folder / f"{re.sub(r'[^A-Za-z0-9.]+', '-', model)}-{digest}.jsonl")

    def get(self, item: object) -> Any:
        """Return the result of an item; None if it has none yet."""
        return self.entries.get(digest_of(repr(item)))

    def add(self, item: object, value: Any) -> None:
        """Store the result of an item."""
        key = digest_of(repr(item))
        self.entries[key] = value
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, value], ensure_ascii=False) + "\n")

    def finish(self) -> None:
        """Delete the journal of a complete evaluation, so that the next one starts anew."""
        self.path.unlink(missing_ok=True)


def digest_of(value: object) -> str:
    """Return a short hash of a value."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:12]
