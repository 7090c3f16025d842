"""YAML as Compass reads it: safe types alone, parsed by libyaml where PyYAML has it."""

from typing import Any

import yaml

# PyYAML's own parser takes ten times as long, which is felt at every start.
LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str | bytes) -> Any:
    """The content of one document.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=LOADER)
