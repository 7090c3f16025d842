"""What a message asks to be done, read by rules: plan, deploy, status, manifests, why not, and so on."""

import re
from dataclasses import dataclass
from typing import Literal

from tools.planning.types import View

Action = Literal[
    "plan", "targets", "deploy", "status", "manifests", "why_not", "explain", "options", "benchmarks",
    "test", "undeploy", "decline", "agree", "help", "thanks",
]  # fmt: skip

COURTESY = (
    r"(?:(?:yes|yep|yeah|sure|ok(?:ay)?|please|go ahead|great|good|perfect|fine|now|then|so|and|alright|well|hi|hello|"
    r"ja|gut|bitte|jetzt|dann|oui|d'accord|s'il vous plaît|maintenant|sí|si|vale|por favor|ahora|bene|ora|"
    r"per favore|sim|agora|bien)\b[\s,.!:;–-]*)*"
)
POLITE = (
    r"(?:(?:can|could|would|will) you (?:please )?|let'?s |i(?:'d| would) like (?:you )?to |i want (?:you )?to |"
    r"we (?:want|need) to |(?:please|kindly) |just |kannst du |könntest du |pouvez-vous |peux-tu |puedes |puoi |pode )*"
)
START = rf"^\W*{COURTESY}{POLITE}"
IT = (
    r"(?:it|this|that|these|them|everything|all|the (?:\w+[\s-]){0,4}?(?:option|plan|one|deployment|model|setup|server|"
    r"cheapest|fastest|simplest|best|recommended|balanced|cheap|first|second|third)|option-\w+|dep-\w+|plan-\w+|"
    r"(?:your |my |our )?(?:recommendation|deployment|server)|"
    r"es|das|die|den|diese\w*|le|la|ça|cela|lo|los|esto|eso|quest[oa]|isso|isto|o)\b"
)
VIEW_WORDS: tuple[tuple[str, View], ...] = (
    (
        r"cheap|lowest.cost|least expensive|billig|günstig|moins ch|économique|barat|económic|economic",
        "lowest_cost",
    ),
    (r"fast|quick|lowest.latency|schnell|rapid|rápid|veloc", "lowest_latency"),
    (r"accura|best quality|highest quality|smart|best model|genau|précis|precis|preciso", "best_accuracy"),
    (r"simpl|einfach|semplic", "simplest"),
    (r"balanced|recommend|default|first|ausgewogen|équilibr|equilibr", "balanced"),
)
OBJECT_OR_END = rf"(?:[\s-]+(?:{IT})|\s*(?:[.!?,]|$|\b(?:on|to|in|auf|sur|en|su|with|locally|now|please)\b))"

PATTERNS: tuple[tuple[Action, str], ...] = (
    ("test", r"\b(?:send|give|try|ask|run|test|schick\w*|envoie\w*|envía\w*|envia\w*|invia\w*)\b.{0,40}\bprompt\b"),
    ("test", rf"{START}(?:prompt|test prompt)\s*:"),
    ("test", rf"{START}(?:ask|tell)\s+(?:it|the (?:model|deployment|server|endpoint))\b"),
    ("test", rf"{START}(?:test|try)\s+(?:it|the (?:deployment|endpoint|model|server))(?:\W|$)"),
    ("undeploy", rf"{START}(?:undeploy|remove|delete|tear\s+(?:it\s+)?down|destroy|uninstall|shut\s*(?:it\s+)?down|take"
                 rf"\s+(?:it\s+)?down|stop|kill|clean\s*up){OBJECT_OR_END}"),
    ("undeploy", rf"{START}(?:entfern\w*|lösch\w*|supprim\w*|retir\w*|elimin\w*|borra\w*|rimuov\w*|remov[ae]\w*|apag\w*)"
                 rf"{OBJECT_OR_END}"),
    ("status", r"\bhow(?:'s| is| are| was)\s+(?:it|things|the (?:deployment|server|endpoint|model))\b.{0,30}"
               r"(?:doing|going|running|performing|holding|now|$|\?)"),
    ("status", r"\b(?:is (?:it|the (?:deployment|server|model)) (?:up|ready|running|healthy|alive|ok|holding|fast))\b"),
    ("status", rf"{START}(?:show|check|get|give|what'?s|what is)?\s*(?:me )?(?:the |its )?(?:live )?(?:status|health)\b"),
    ("status", r"\b(?:wie läuft|comment (?:ça )?va|cómo va|como está|come va|état du|estado d)\b"),
    ("manifests", r"\b(?:ya?ml|manifests?|kubernetes (?:files?|objects?|resources?)|kserve|inferenceservice|"
                  r"helm|kustomize|manifeste?s?|manifiestos?)\b"),
    ("why_not", r"\b(?:why|warum|wieso|pourquoi|por ?qu[eé]|perch[eé])\b.{0,30}\b(?:not|nicht|pas|no|non|não|isn'?t|wasn'?t|"
                r"didn'?t|don'?t|doesn'?t|aren'?t|avoid\w*|reject\w*|rule\w* out|instead of)\b"),
    ("why_not", r"\bwhat(?:'s| is) wrong with\b"),
    ("options", r"\b(?:other|all|more|which|what|list|show|compare)\b.{0,25}\b(?:options|alternatives|choices|views|"
                r"pareto|table)\b|\bcompare (?:them|the options)\b|\b(?:optionen|alternativen|opciones|opzioni|opções)\b"),
    ("explain", rf"{START}(?:explain|why|how (?:sure|certain|confident|come|did you)|show (?:me )?(?:the |your )?"
                r"(?:arithmetic|maths?|reasoning|evidence|calculation|details)|where (?:do|does)|justify|erklär\w*|"
                r"warum|expli\w*|spieg\w*|pourquoi|por ?qu[eé]|perch[eé])\b"),
    ("explain", r"\b(?:how (?:sure|certain|confident)|what(?:'s| is) the evidence|can i trust|assumptions?\?)"),
    ("benchmarks", r"\b(?:benchmarks?|measured runs?|measurements?|measured data|messungen|mesures|mediciones)\b"),
    ("deploy", rf"{START}(?:deploy|ship|launch|roll\s*(?:it\s+)?out|start|apply|install|run|go with|take|use)"
               rf"{OBJECT_OR_END}"),
    ("deploy", rf"{START}(?:bring es|stell\w* .{{0,20}}bereit|deploye?\w*|déploie\w*|déploye\w*|despliega\w*|"
               rf"desplegar|implementa\w*|distribuisci\w*|implanta\w*|implante|ausrollen|roll\w* .{{0,15}}aus)"
               rf"{OBJECT_OR_END}"),
    ("targets", r"\b(?:what|which|show)\b.{0,25}\b(?:targets?|slos?|service.level)\b"),
    ("thanks", r"^\W*(?:thanks?|thank you|thx|great|perfect|cool|nice|danke|merci|gracias|grazie|obrigad\w)\b.{0,20}$"),
    ("help", r"^\W*(?:help|hi|hello|hey|hallo|bonjour|hola|ciao|olá|what can you do|who are you)\b.{0,20}$"),
    ("decline", r"^\W*(?:no|nope|not now|don'?t|cancel|stop|never ?mind|nein|non|não|abbrechen|annul\w*|cancela\w*)\b"
                r"[^\d]{0,25}$"),
    ("agree", rf"^\W*(?:yes|yep|yeah|sure|ok(?:ay)?|go ahead|go|do it|please do|proceed|sounds good|ja|oui|sí|si|sim|vale"
              rf"|mach das|vas-y|dale)\W*{COURTESY}$"),
)  # fmt: skip
COMPILED = [(action, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for action, pattern in PATTERNS]
PROMPT = re.compile(
    r"\bprompt\b[^:\"“'\n]{0,40}[:\"“]\s*(.+)|"
    r"\bask\s+(?:it|the \w+)\s+(?:to\s+|about\s+)?(.+)|\btell\s+it\s+(?:to\s+)?(.+)|[\"“](.+)[\"”]",
    re.IGNORECASE | re.DOTALL,
)
LONGEST_COMMAND = 600
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
    """The command in a message; "plan" where it names none, since a description of a need is the usual message."""
    words = text.strip()[:LONGEST_COMMAND]
    action: Action = next((action for action, pattern in COMPILED if pattern.search(words)), "plan")
    if action in ("deploy", "undeploy", "agree") and describes_a_need(words):
        action = "plan"
    identifier = re.search(r"\b(?:option|plan|dep|spec)-[0-9a-f]{3,}\b", words)
    return Command(
        action,
        view=named_view(words),
        identifier=identifier[0] if identifier else None,
        prompt=prompt_in(text.strip()) if action == "test" else None,
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
    return next((view for pattern, view in VIEW_WORDS if re.search(rf"\b(?:{pattern})", text, re.I)), None)


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
