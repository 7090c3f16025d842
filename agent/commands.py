"""What a message asks to be done, read by rules: plan, deploy, status, manifests, why not, and so on."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from compass.core import parse_yaml
from compass.planning import View
from compass.serving import TargetName

Action = Literal[
    "plan", "targets", "deploy", "status", "manifests", "why_not", "explain", "options", "recap",
    "assumptions", "sure", "change", "better", "compare", "benchmarks", "facts", "listing", "prices", "terms",
    "test", "undeploy", "decline", "agree", "restart", "help", "thanks", "bye",
]  # fmt: skip


class Term(BaseModel):
    """A word of the field with what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    term: str
    pattern: str
    means: str


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


def read_yaml(name: str) -> Any:
    """A data file beside this one."""
    return parse_yaml(Path(__file__).with_name(name).read_text(encoding="utf-8"))


PHRASES = Phrases.model_validate(read_yaml("commands.yaml"))
COMPILED = PHRASES.compiled()
TERMS = tuple(Term.model_validate(row) for row in read_yaml("terms.yaml"))
AMOUNTS = re.compile(
    r"\b\d[\d,.]*\s*k?\s*(?:users?|people|developers?|engineers?|ms|milliseconds|requests?|calls?|customers?|employees)\b",
    re.I,
)
HARDWARE = re.compile(r"\b\d+\s*x?\s*(?:gpus?|cards?|[a-z]{0,3}\s?\d{1,4}[a-z]{0,2})\b", re.I)
PROMPT = re.compile(
    r"\bprompt\b[^:\"“'\n]{0,40}[:\"“]\s*(.+)|"
    r"\bask\s+(?:it|the \w+)\s+(?:to\s+|about\s+)?(.+)|\btell\s+it\s+(?:to\s+)?(.+)|[\"“](.+)[\"”]",
    re.IGNORECASE | re.DOTALL,
)
LONGEST_COMMAND = 600
FOLLOW_UP = re.compile(
    r"^\W*(?:and|what about|how about|also|und|et|y|e)\b(?!.*\binstead\b).{0,50}$", re.I | re.S
)
LASTING: tuple[Action, ...] = ("benchmarks", "facts", "prices")
"""Subjects that "and on B200?" goes on with."""
OF_A_PLAN: tuple[Action, ...] = ("recap", "compare", "better", "change", "assumptions")
"""Questions that mean something only where there is a plan; without one they describe a need."""
FEWER = re.compile(r"\b(?:fewer|less|weniger|moins de|menos|meno) (?:gpus?|cards|hardware)\b", re.I)
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")
PLACE = re.compile(
    rf"\b({'|'.join(PLACES)}|[1-6](?:st|nd|rd|th)) (?:option|one|choice|alternative)\b"
    r"|\boption (?:number )?([1-6])\b",
    re.I,
)
NAMESPACE = re.compile(r"\bnamespace:?\s+[\"“]?([a-z0-9][a-z0-9-]*)")
DEFAULT_PROMPT = "Say in one sentence what you can help with."


@dataclass(frozen=True)
class Command:
    """What to do, with what the words add: which view, which id, which prompt, where."""

    action: Action
    view: View | None = None
    identifier: str | None = None
    prompt: str | None = None
    target: TargetName | None = None
    namespace: str | None = None
    places: tuple[int, ...] = ()
    """Of options, "the second one" for example, from 1."""
    fewer: bool = False
    """Fewer GPUs are asked for."""


def read_command(text: str, subject: str = "", planned: bool = True) -> Command:
    """The command in a message; "plan" where it names none: most messages describe a need.

    `subject` is the action of the message before, which "and on B200?" goes on with; `planned` says whether
    there is a plan to ask about.
    """
    words = text.strip()[:LONGEST_COMMAND]
    action = action_of(words)
    if action == "plan" and subject in LASTING and FOLLOW_UP.search(words):
        action = next(lasting for lasting in LASTING if lasting == subject)
    if not planned and describes_a_first_need(action, words):
        action = "plan"
    identifier = re.search(r"\b(?:option|plan|dep|spec)-[0-9a-f]{3,}\b", words)
    return Command(
        action,
        view=named_view(words),
        identifier=identifier[0] if identifier else None,
        prompt=prompt_in(text.strip()) if action == "test" else None,
        target=named_target(words),
        namespace=named_namespace(words),
        places=places_in(words),
        fewer=FEWER.search(words) is not None,
    )


def describes_a_first_need(action: Action, words: str) -> bool:
    """Whether a message with no plan before it tells a load or hardware, and so a need."""
    if action in OF_A_PLAN or (action == "explain" and HARDWARE.search(words)):
        return True
    return action in ("benchmarks", "manifests") and AMOUNTS.search(words) is not None


def action_of(words: str) -> Action:
    """What the first pattern that is found stands for."""
    for action, pattern in COMPILED:
        if pattern.search(words):
            if action == "terms" and not terms_in(words):
                continue
            if action in ("deploy", "undeploy", "agree") and describes_a_need(words):
                return "plan"
            if action in (*OF_A_PLAN, "explain", "sure") and AMOUNTS.search(words):
                return "plan"
            return action
    return "plan"


def places_in(text: str) -> tuple[int, ...]:
    """Places of options that are named, "the second one" or "option 3"."""
    found = [match[1] or match[2] for match in PLACE.finditer(text)]
    return tuple(PLACES.index(word.lower()) + 1 if word.lower() in PLACES else int(word[0]) for word in found)


def terms_in(text: str) -> tuple[Term, ...]:
    """The terms of the glossary that a text names."""
    return tuple(term for term in TERMS if re.search(rf"\b(?:{term.pattern})(?!\w)", text, re.I))


def describes_a_need(text: str) -> bool:
    """Whether a sentence that begins like a command goes on with users, latencies or a purpose."""
    more = re.search(r"\bfor (?:a|our|my)\b|\bgpus?\b|\binstead\b", text, re.IGNORECASE)
    return AMOUNTS.search(text) is not None or more is not None


def named_view(text: str) -> View | None:
    """The view that the words point at, "the cheapest" for example."""
    return next(iter(named_views(text)), None)


def named_views(text: str) -> tuple[View, ...]:
    """Every view that the words point at."""
    return tuple(view for view, pattern in PHRASES.views if re.search(rf"\b(?:{pattern})", text, re.I))


def named_target(text: str) -> TargetName | None:
    """Where to deploy, if it is said."""
    if re.search(r"\b(?:kubernetes|k8s|cluster|openshift|kind)\b", text, re.I):
        return "kubernetes"
    return (
        "local"
        if re.search(r"\b(?:locally|local|my machine|this machine|laptop|lokal|localmente)\b", text, re.I)
        else None
    )


def named_namespace(text: str) -> str | None:
    """The Kubernetes namespace to deploy to, if it is said."""
    match = NAMESPACE.search(text)
    return match[1] if match else None


def prompt_in(text: str) -> str:
    """The prompt to send; a plain one where none is given."""
    match = PROMPT.search(text)
    found = next((group for group in match.groups() if group), "") if match else ""
    return found.strip().strip('"“”').strip() or DEFAULT_PROMPT
