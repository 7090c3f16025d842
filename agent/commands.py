"""What a message asks to be done, read by rules: plan, deploy, status, manifests, why not, and so on."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from tools.planning.types import View

Action = Literal[
    "plan", "targets", "deploy", "status", "manifests", "why_not", "explain", "options", "benchmarks",
    "test", "undeploy", "decline", "agree", "help", "thanks",
]  # fmt: skip


class Phrases(BaseModel):
    """The data file of patterns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fragments: dict[str, str]
    patterns: tuple[tuple[Action, str], ...]
    views: tuple[tuple[View, str], ...]

    def compiled(self) -> tuple[tuple[Action, re.Pattern[str]], ...]:
        """The patterns with their fragments put in."""
        return tuple((action, re.compile(self.filled(text), re.I | re.S)) for action, text in self.patterns)

    def filled(self, text: str) -> str:
        """A pattern with the fragments that it names."""
        for name, fragment in self.fragments.items():
            if f"<{name}>" in text:
                text = text.replace(f"<{name}>", self.filled(fragment))
        return text


PHRASES = Phrases.model_validate(yaml.safe_load(Path(__file__).with_name("commands.yaml").read_text("utf-8")))
COMPILED = PHRASES.compiled()
PROMPT = re.compile(
    r"\bprompt\b[^:\"“'\n]{0,40}[:\"“]\s*(.+)|"
    r"\bask\s+(?:it|the \w+)\s+(?:to\s+|about\s+)?(.+)|\btell\s+it\s+(?:to\s+)?(.+)|[\"“](.+)[\"”]",
    re.IGNORECASE | re.DOTALL,
)
LONGEST_COMMAND = 600
# What a settings form adds below a message is no part of the command.
SETTINGS = re.compile(r"\n\s*\n(?=(?:Provider|My GPU prices|Deploy target):)")
DEFAULT_PROMPT = "Say in one sentence what you can help with."


@dataclass(frozen=True)
class Command:
    """What to do, with what the words add: which view, which id, which prompt, where."""

    action: Action
    view: View | None = None
    identifier: str | None = None
    prompt: str | None = None
    target: str | None = None


def read_command(text: str) -> Command:
    """The command in a message; "plan" where it names none: most messages describe a need."""
    words = SETTINGS.split(text.strip())[0].strip()[:LONGEST_COMMAND]
    action: Action = next((action for action, pattern in COMPILED if pattern.search(words)), "plan")
    if action in ("deploy", "undeploy", "agree") and describes_a_need(words):
        action = "plan"
    identifier = re.search(r"\b(?:option|plan|dep|spec)-[0-9a-f]{3,}\b", words)
    return Command(
        action,
        view=named_view(words),
        identifier=identifier[0] if identifier else None,
        prompt=prompt_in(SETTINGS.split(text.strip())[0]) if action == "test" else None,
        target=named_target(words),
    )


def describes_a_need(text: str) -> bool:
    """Whether a sentence that begins like a command goes on with users, latencies or a purpose."""
    amounts = (
        r"\b\d[\d,.]*\s*k?\s*(?:users?|people|developers?|ms|milliseconds|requests?|customers?|employees)\b"
    )
    return (
        re.search(rf"{amounts}|\bfor (?:a|our|my)\b|\bgpus?\b|\binstead\b", text, re.IGNORECASE) is not None
    )


def named_view(text: str) -> View | None:
    """The view that the words point at, "the cheapest" for example."""
    return next((view for view, pattern in PHRASES.views if re.search(rf"\b(?:{pattern})", text, re.I)), None)


def named_target(text: str) -> str | None:
    """Where to deploy, if it is said."""
    if re.search(r"\b(?:kubernetes|k8s|cluster|openshift|kind)\b", text, re.I):
        return "kubernetes"
    return (
        "local"
        if re.search(r"\b(?:locally|local|my machine|this machine|laptop|lokal|localmente)\b", text, re.I)
        else None
    )


def prompt_in(text: str) -> str:
    """The prompt to send; a plain one where none is given."""
    match = PROMPT.search(text)
    found = next((group for group in match.groups() if group), "") if match else ""
    return found.strip().strip('"“”').strip() or DEFAULT_PROMPT
