"""GPUs and models that a message names, and which of them it rules out."""

import functools
import re
from dataclasses import dataclass

from tools.catalog import OWN, load_catalog, match_models

# A family as people say it. A bare name stays bare ("H100"): planning takes it for every member of the family.
GPU_PATTERNS = (
    ("A100-80", r"a100[ -]?(?:sxm|pcie)?[ -]?80 ?(?:gb|g)?|a100-80(?:gb)?(?:-sxm|-pcie)?|80 ?gb a100"),
    ("A100-40", r"a100[ -]?(?:sxm|pcie)?[ -]?40 ?(?:gb|g)?|a100-40(?:gb)?(?:-sxm|-pcie)?|40 ?gb a100"),
    ("A100", r"a100"),
    ("H100-SXM", r"h100[ -]sxm5?"),
    ("H100-PCIe", r"h100[ -]pcie"),
    ("H100-NVL", r"h100[ -]nvl"),
    ("H100", r"h100"),
    ("H200", r"h200"),
    ("GB200", r"gb200"),
    ("B200", r"b200"),
    ("B300", r"b300"),
    ("L40S", r"l40s"),
    ("L40", r"l40"),
    ("L4", r"l4"),
    ("A10G", r"a10g"),
    ("A10", r"a10"),
    ("A30", r"a30"),
    ("RTX-4090", r"(?:rtx[ -]?)?4090"),
    ("RTX-PRO-6000", r"rtx[ -]?pro[ -]?6000|pro 6000|rtx 6000 pro"),
    ("MI300X", r"mi[ -]?300x?"),
    ("MI325X", r"mi[ -]?325x?"),
    ("MI355X", r"mi[ -]?355x?"),
    ("Gaudi3", r"gaudi ?-?3?"),
)
FAMILIES = r"llama|qwen|mistral|mixtral|gemma|phi|gpt-?oss|deepseek|granite|kimi|minimax|smollm"
PIECE = r"(?:[ -]?(?:v?\d+(?:\.\d+)?(?:x\d+)?b?(?:-a\d+b)?|a\d+b|small|large|coder|nemo|instruct|it|scout|maverick|r1|v3|k2(?:\.5)?|m2(?:\.5)?|oss)(?![a-z]))"
MAKERS = {
    "meta": "llama",
    "google": "gemma",
    "microsoft": "phi",
    "alibaba": "qwen",
    "openai": "gpt-oss",
    "ibm": "granite",
}
RUNS_NOW = r"(?:currently|right now|today|at the moment|so far|these days|derzeit|aktuell|actuellement|actualmente|attualmente|atualmente)\b[^,.;]{0,30}$"
"""What serves now is no wish."""
NOT_BEFORE = (
    r"(?:\bno\b|\bnot\b|\bnever\b|n't\b|\bwithout\b|\bavoid\w*|\bexcept\b|\bexcluding\b|\bexclude\w*|anything but|other than|\bbut not\b|"
    r"\bskip\b|\bban\w*|rule out|\bkein\w*|\bohne\b|\bausser\b|\bnicht\b|vermeide\w*|\bsauf\b|pas de\b|\bpas d'|\bsans\b|\bni\b|\bexcepto\b|\bsin\b|\bnada de\b|"
    r"\bevit\w*|\bsalvo\b|\btranne\b|\bsenza\b|\bniente\b|\beccetto\b|\bexceto\b|\bsem\b|\bmenos\b|\bnon\b|instead of|\bminus\b|anything except|"
    r"rather than|\bexclu\w*|\bescl\w*|\baucun\w*|\bnao\b|anstatt|statt|plutot que|en lugar de|en vez de|invece di|al posto di|em vez de)"
)
NOT_AFTER = (
    r"^s?(?:'s)? ?(?:gpus? )?(?:(?:is|are|sind|ist|son|es|sono|sao|est|sont|seem) )?(?:too |zu |trop |demasiado |troppo |muito |way too |just too )?"
    r"(?:expensive|costly|pricey|teuer|cher\w*|caro|cara|cari|caros|unavailable|not available|not an option|sold out|excluded|out of|off the table|forbidden|"
    r"banned|nicht|kommt nicht|no disponible|isn't an option|aren't|isn't|ausgeschlossen|exclu|excluid|esclus|taboo|not allowed|unobtainable|out\b)"
)
# A name in the manner of GPUs, after a word that leads to one.
UNKNOWN = r"\b(?:on|with|using|use|nvidia|auf|mit|sur|avec|con|com|su|en)\s+(?:an?\s+|the\s+|\d+\s*x?\s+)?((?:gb|gh|mi|rtx|h|a|b|l|v)-?\d{2,4}[a-z]{0,2})s?\b"
ONLY_BRAND = {"amd": ("MI300X", "MI325X", "MI355X"), "blackwell": ("B200", "B300", "GB200")}


@dataclass(frozen=True)
class Named:
    """Wanted and unwanted names, in the order of the message."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


def named_gpus(text: str) -> Named:
    """GPUs of a plain text by family name, split by whether the words around rule them out."""
    mentions: list[tuple[int, int, str]] = []
    for name, pattern in GPU_PATTERNS:
        for match in re.finditer(
            rf"(?<![\w-])(?:nvidia[ -]|amd[ -]|intel[ -])?(?:{pattern})(?:s|'s)?(?![\w])(?!-\d)", text
        ):
            now = re.search(RUNS_NOW, text[max(0, match.start() - 50) : match.start()])
            if not now and all(match.end() <= start or match.start() >= end for start, end, _ in mentions):
                mentions.append((match.start(), match.end(), name))
    for match in re.finditer(UNKNOWN, text):
        if all(match.end(1) <= start or match.start(1) >= end for start, end, _ in mentions):
            # Kept as said: planning answers with the nearest that it knows.
            mentions.append((match.start(1), match.end(1), match[1].upper()))
    mentions.sort()
    return split(text, mentions) if mentions else brands(text)


def brands(text: str) -> Named:
    """Read "AMD only", "no AMD": a maker's name in place of a GPU's."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for brand, members in ONLY_BRAND.items():
        for match in re.finditer(rf"\b{brand}\b", text):
            ruled_out = re.search(
                NOT_BEFORE + r"[^,.;]{0,20}$", text[max(0, match.start() - 40) : match.start()]
            )
            (unwanted if ruled_out else wanted).extend(members)
    return Named(tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(unwanted)))


def split(text: str, mentions: list[tuple[int, int, str]]) -> Named:
    """Wanted and unwanted; a "no" holds for a whole list ("no H100, H200 or B200")."""
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    last: tuple[int, bool] | None = None
    for start, end, name in mentions:
        between = text[last[0] : start] if last else ""
        if last and re.fullmatch(
            r"(?:'?s)?(?: gpus?| cards?)? ?(?:,|/|or|and|nor|oder|und|ni|ou|et|o|y|e|noch|&| )+ ?(?:the |an? |auch |die )?",
            between,
        ):
            ruled_out = last[1]
        else:
            left = re.split(
                r"[.;!?]|(?<!anything)(?<!everything)(?<!any gpu)(?<!all) but (?!not)| aber | mais | pero | ma | mas ",
                text[max(0, start - 34) : start],
            )[-1]
            # Without a list word, a "no" further back than a comma is another clause's.
            ruled_out = bool(re.search(NOT_BEFORE + r"[^,]{0,26}$", left)) and not re.search(
                r"not only|nicht nur|no solo", left
            )
        right = text[end : end + 40]
        # "H100 or H200 are too expensive": what follows the list holds for all of it.
        listed = re.match(r"(?:'?s)?(?: ?(?:,|/|or|and|oder|und) ?[a-z]+\d+[a-z]*s?)* ?", right)
        tail = right[listed.end() - 1 if listed and listed.end() else 0 :].lstrip()
        ruled_out = ruled_out or bool(re.search(NOT_AFTER, tail))
        (unwanted if ruled_out else wanted)[name] = None
        last = (end, ruled_out)
    kept = tuple(name for name in wanted if name not in unwanted)
    return Named(kept, tuple(unwanted))


def named_models(text: str) -> Named:
    """Models of a plain text: a catalog id where the name means one, else the family as said."""
    wanted: dict[str, None] = {}
    unwanted: dict[str, None] = {}
    for maker, family in MAKERS.items():
        text = re.sub(
            rf"\b{maker}(?:'s)? (?=(?:open )?(?:models?|llms?|modell\w*|modele\w*|modelo\w*|modelli)\b)",
            f"{family} ",
            text,
        )
    for model in load_catalog().models:
        # An own model has any name: only its whole name counts.
        if model.family == OWN and re.search(rf"(?<![\w/-]){re.escape(model.id.lower())}(?![\w-])", text):
            wanted[model.id] = None
    for match in re.finditer(rf"(?<![\w/-])(?:[\w-]+/)?((?:{FAMILIES}){PIECE}*)(?![a-z])", text):
        said = match[1].strip(" -")
        left = re.split(r"[,.;!?]", text[max(0, match.start() - 30) : match.start()])[-1]
        name = canonical_model(said)
        if name is None:
            continue
        (unwanted if re.search(NOT_BEFORE + r"[^,]{0,22}$", left) else wanted)[name] = None
    return Named(tuple(name for name in wanted if name not in unwanted), tuple(unwanted))


@functools.lru_cache(maxsize=512)
def canonical_model(said: str) -> str | None:
    """The catalog's id for a name, the words as said for a family, None where the catalog has no such family."""
    found = match_models(load_catalog(), said)
    if len(found) == 1:
        return found[0].id
    exact = [
        model for model in found if model.name.casefold().replace("-instruct", "") == said.replace(" ", "-")
    ]
    if len(exact) == 1:
        return exact[0].id
    return said if found or re.fullmatch(FAMILIES, said) or len(said) > 3 else None
