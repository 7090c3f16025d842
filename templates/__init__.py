"""Jinja2 manifests; every value is written by the JSON encoder, whose output YAML reads as it stands."""

from pathlib import Path

FOLDER = Path(__file__).parent
