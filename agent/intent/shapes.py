"""How many of a thing, in the trade's own notation: "8xH100", "2×8", "H100 x2", with the number apart."""

import re

GPU = (
    r"(?:\d{4}(?:s|[ -]?ti)?\b(?! (?:users|requests|tokens|people|words))|(?:gb|gh|mi|rtx|gtx|h|a|b|l|v|p|t|m)[ -]?\d|rtx|geforce|quadro|tesla|nvidia|amd|intel|instinct|gaudi|tpu|ascend|"
    r"radeon|dgx|hgx|gpus?\b|cards?\b|nodes?\b|servers?\b|machines?\b|nodos\b|nodi\b|noeuds\b|knoten\b|servidores\b|serveurs\b|maquinas\b|macchine\b|mac |jetson|strix|g\d\w{0,2}\.|p\d\w{0,2}\.|standard_|pro 6000|used |new )"
)
"""What begins like a GPU or a machine."""
TIMES = re.compile(rf"(?<![\w.-])(\d{{1,4}}) ?(?:x|\*) ?(?=\(|{GPU})")
SMALL = {
    2: "dual|twin|double|(?:a |the )?(?:pair|couple) of|dos|due|deux|zwei|duas|dois|un par de|un paio di|une paire de|ein paar|um par de",
    3: "triple|tres|trois|drei|tre", 4: "quad|cuatro|quatre|vier|quattro|quatro", 8: "octo|ocho|huit|acht|otto|oito",
}  # fmt: skip
WORDS = tuple((count, re.compile(rf"(?<![\w-])(?:{words})[ -](?={GPU})")) for count, words in SMALL.items())
GRID = re.compile(r"(?<![\w.])(\d{1,3}) ?(?:x|\*) ?(\d{1,2})(?=[ )x*](?! ?b\b))")
AFTER = re.compile(
    r"((?<![\w.])(?:[a-z]{1,3}\d{1,4}[a-z]{0,2}|\d0[5-9]0(?: ti)?|\d{3}[bc]|\d+ ?gb?\)?|ada|ultra|spark|studio|gb\)?|xlarge|gpu-\d{1,2}g|v[2-6])) ?(?:x|\*) ?(\d{1,3})"
    r"(?![\d\w%]|\.\d| (?:faster|slower|more|less))"
)
NUMBERS = {"two": 2, "three": 3, "four": 4, "six": 6, "eight": 8, "sixteen": 16}
WAYS = re.compile(r"(?<![\w-])(two|three|four|six|eight|sixteen)-way ")
HYPHENED = re.compile(
    r"(?<![\w.])(\d{1,3})-(?:way |x )?(?=gpus?\b|cards?\b|nodes?\b|gpu-node|(?:h|a|b|l|mi)\d{2,3})|(?<![\w.])(\d{1,3})-way (?=nvidia|[a-z]{1,3}\d)"
)


def spaced(text: str) -> str:
    """A lower-case text with numbers of things apart from "x": "8xh100" is "8 x h100"."""
    text = WAYS.sub(lambda match: f"{NUMBERS[match[1]]}-way ", text)
    text = HYPHENED.sub(lambda match: f"{match[1] or match[2]} ", text)
    for count, words in WORDS:
        text = words.sub(f"{count} x ", text)
    text = TIMES.sub(r"\1 x ", text)
    text = GRID.sub(r"\1 x \2", text)
    return AFTER.sub(r"\1 x \2", text)
