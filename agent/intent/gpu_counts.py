"""How many GPUs a message states, all machines together: "2x L40S", "two DGX H100", "2 nodes of 8 H100"."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.intent.data import word_set
from agent.intent.goal import match_of
from agent.intent.hardware import changing, judged
from agent.intent.message import Message
from agent.intent.name import Name
from agent.intent.sketch import sketch

COUNTERS = word_set("counters")
CONTAINERS = word_set("containers")
HOLDING = word_set("holding")
PER_CONTAINER = word_set("per_container")
ONE, ARTICLE = word_set("one_of"), word_set("article")
ACCELERATORS = word_set("accelerators")
ASKED = frozenset(
    ("many", "viele", "combien", "cuantas", "cuantos", "quante", "quanti", "quantas", "quantos")
)
"""What asks for a number right before a name."""
BRACKETED_ONE = (
    ["(", "one", ")"],
    ["(", "one", "of"],
    ["(", "single", ")"],
    ["(", "just", "one"],
    ["(", "only", "one"],
)
"""What counts a name after it: "V100 (one)"."""
HALF = frozenset(
    (
        "half",
        "halbe",
        "halben",
        "halber",
        "demi",
        "moitie",
        "medio",
        "media",
        "mitad",
        "mezzo",
        "mezza",
        "meta",
        "meia",
        "meio",
        "metade",
    )
)
INSIDE = frozenset(("in", "per", "to", "of"))
OF_THAT = frozenset(("the", "a", "each", "one", "them"))
"""What tells a number after a name: "MI300X, eight in the chassis", "L4, six of them"."""
GROUPS = {"pair": 2, "duo": 2, "trio": 3, "quad": 4, "quartet": 4, "quartett": 4, "sextet": 6, "octet": 8}
MOST, MOST_MACHINES, FAR = 16_384, 1_024, 6
NODE_OF_EIGHT = frozenset(
    ("H100", "H100-SXM", "H200", "B200", "B300", "MI300X", "MI325X", "MI355X", "A100-80", "H20")
)
"""GPUs of which "two nodes" are nodes of eight: their makers build no others for data centres."""


@dataclass(frozen=True)
class Counted:
    """GPUs of one kind: how many, and how many are in one machine; None where a message does not say."""

    gpu: str
    gpus: int | None
    unit: int = 1
    determined: bool = False
    """Whether an article or a possessive stands before it: "an H100", "my L4"."""
    machine: bool = False
    plural: bool = False


@dataclass(frozen=True)
class GpuReading:
    """GPUs that a message states, one entry for each kind; numbers without a name in `others`."""

    kinds: tuple[Counted, ...] = ()
    others: int | None = None
    nodes: int | None = None
    provider: str | None = None
    doubted: tuple[int, ...] = ()
    """Numbers of one GPU between which the message itself doubts: "4 H100, no wait, the order says 8 H100"."""
    joined: bool = False
    """Whether unlike GPUs are there together: "a 3060 + a 4070 Ti"."""

    @property
    def total(self) -> int | None:
        """All GPUs that are counted; the number that no name follows where none is."""
        counts = [kind.gpus for kind in self.kinds if kind.gpus]
        return sum(counts) if counts else self.others

    @property
    def unit(self) -> int:
        """GPUs of one machine, 1 where single GPUs are counted."""
        return max((kind.unit for kind in self.kinds), default=1)


def read_gpus(message: Message) -> GpuReading:
    """The GPUs of a message; their numbers are claimed."""
    found: list[Counted] = []
    provider = None
    nodes = nodes_of(message)
    for place, token in enumerate(message.tokens):
        name = token.name
        if name is None or name.kind != "gpu" or told_only(message, place):
            continue
        provider = provider or name.provider
        merge(found, counted(message, place, name, nodes))
    if len(found) == 1 and found[0].machine and found[0].gpus and matches("another_machine", message):
        found[0] = replace(found[0], gpus=2 * found[0].gpus)
    if (stated := stated_total(message, found)) is not None:
        return GpuReading((replace(found[0], gpus=stated), *(replace(one, gpus=None) for one in found[1:])))
    others = None if any(kind.gpus for kind in found) else without_a_name(message, nodes, found)
    claim_memory(message)
    joined = any(token.text in ("+", "plus") for token in message.tokens)
    return GpuReading(tuple(found), others, nodes, provider, doubted(message, found), joined)


def doubted(message: Message, found: Sequence[Counted]) -> tuple[int, ...]:
    """The unlike numbers of one GPU where a message says that it is not sure of them."""
    if len(found) != 1 or match_of("count_doubt", sketch(message)) is None:
        return ()
    values: list[int] = []
    for place, token in enumerate(message.tokens):
        at = place - 2 if message.words(place - 1, place) == ["x"] else place - 1
        if token.name and token.name.kind == "gpu" and at >= 0:
            values.append(int(message.tokens[at].value or 0))
    return tuple(dict.fromkeys(value for value in values if value))


def stated_total(message: Message, found: Sequence[Counted]) -> int | None:
    """What a message says after all: "so 4 are mine", "across all three", "are three such nodes enough?"."""
    text = sketch(message)
    for name in ("free_gpus", "all_of_them", "such_nodes"):
        match = match_of(name, text) if found else None
        if match is None:
            continue
        begin = len(text[: match.start()].split())
        places = [at for at in range(begin, begin + len(match[0].split())) if message.tokens[at].value]
        value = message.tokens[places[0]].value if places else None
        if not value or value != int(value) or value > MOST:
            continue
        message.claimed.add(places[0])
        return int(value) * (node_of(found) if name == "such_nodes" else 1)
    return None


def node_of(found: Sequence[Counted]) -> int:
    """GPUs of one machine, of which a message tells before: "8 H200 are too few. Two such nodes then"."""
    unit = max(one.unit for one in found)
    return unit if unit > 1 else max((one.gpus or 1 for one in found), default=1)


def told_only(message: Message, place: int) -> bool:
    """Whether a GPU is ruled out, given up, or runs now and is to go: "currently 8 A100, what is cheaper?"."""
    verdict = judged(message, place, place)
    return verdict in ("unwanted", "replaced") or (verdict == "ignored" and changing(message))


def matches(name: str, message: Message) -> bool:
    """Whether a pattern of the data file of goals fits the words of a message."""
    return match_of(name, sketch(message)) is not None


def merge(found: list[Counted], one: Counted) -> None:
    """Add an entry; of the same GPU twice, the one that tells a machine or a number counts."""
    for at, other in enumerate(found):
        if same(other, one):
            better = one if (one.gpus and not other.gpus) else other
            found[at] = replace(better, determined=one.determined or other.determined)
            return
    found.append(one)


def same(one: Counted, other: Counted) -> bool:
    """Whether two mentions may be of the same GPUs: "A100" and "A100-80", a machine and what describes it."""
    first, second = one.gpu, other.gpu
    if one.machine or other.machine:
        return family(first) == family(second)
    return first == second or first.startswith(f"{second}-") or second.startswith(f"{first}-")


def family(gpu: str) -> str:
    """The name without form factor and memory: "H100-SXM" is H100."""
    return gpu.split("-")[0] if not gpu.startswith("RTX") else gpu


def counted(message: Message, place: int, name: Name, nodes: int | None) -> Counted:
    """How many of the GPU or the machine at a place."""
    of_machine = name.gpus or (None if name.machine else 1)
    unit = of_machine or 1
    if message.words(place + 1, place + 2) in (["pair"], ["duo"]):
        return Counted(name.meant[0], of_machine and 2 * of_machine, unit, machine=name.machine)
    if of_machine and of_machine > 1 and half_of(message, place):
        return Counted(name.meant[0], of_machine // 2, of_machine // 2, machine=True)
    number = before(message, place, name.machine)
    number = after(message, place) if number is None else number
    if number is not None:
        return counted_by(message, place, name, nodes, number)
    return uncounted(message, place, name, nodes)


def counted_by(message: Message, place: int, name: Name, nodes: int | None, number: int) -> Counted:
    """How many GPUs a number before or after a name tells: cards, machines, or cards of each machine."""
    of_machine = name.gpus or (None if name.machine else 1)
    message.claimed.add(number)
    count = int(message.tokens[number].value or 0)
    if not name.machine and (machines := machines_of(message, number, place)) is not None:
        return Counted(name.meant[0], machines * count, unit=count)
    if not name.machine and nodes and per_machine(message, place):
        return Counted(name.meant[0], nodes * count, unit=count)
    if machine_follows(message, place) and not name.machine and (each := each_holds(message, place)):
        return Counted(name.meant[0], count * each, unit=each)
    if machine_follows(message, place) and not name.machine and "x" not in message.words(number, place):
        eight = family(name.meant[0]) in {family(gpu) for gpu in NODE_OF_EIGHT}
        one = name.meant[0] == "GH200"  # its nodes hold one
        return Counted(name.meant[0], count * 8 if eight else count if one else None, unit=1 if one else 8)
    return Counted(name.meant[0], of_machine and of_machine * count, of_machine or 1, machine=name.machine)


def uncounted(message: Message, place: int, name: Name, nodes: int | None) -> Counted:
    """How many GPUs a name without a number tells: "one L4", "a DGX H100", "V100 (one)"."""
    of_machine = name.gpus or (None if name.machine else 1)
    unit = of_machine or 1
    at = place - 1
    while at > 0 and (message.tokens[at].text in COUNTERS - ARTICLE or in_brackets(message, at)):
        at -= 1
    word = message.tokens[at].text if at >= 0 else ""
    if message.words(place + 1, place + 4) in BRACKETED_ONE:
        return Counted(name.meant[0], 1, unit, machine=name.machine)
    grouped = GROUPS.get(message.words(at - 1, at)[0] if word == "of" and at else word)
    if grouped and of_machine:
        return Counted(name.meant[0], grouped * of_machine, unit, machine=name.machine)
    if word in ASKED:
        return Counted(name.meant[0], None, unit, machine=name.machine)
    if word in ONE or (name.machine and of_machine):
        many = nodes_before(message, place) if name.machine else per_machine(message, place)
        machines = nodes if nodes and many else 1
        return Counted(name.meant[0], (of_machine or 1) * machines, unit, True, name.machine)
    return Counted(name.meant[0], None, unit, word in ARTICLE and not name.plural, name.machine, name.plural)


def in_brackets(message: Message, at: int) -> bool:
    """Whether a token is an opening bracket."""
    return message.tokens[at].text == "("


def half_of(message: Message, place: int) -> bool:
    """Read "half a DGX H100", "half of our p5.48xlarge"."""
    return bool(HALF & set(message.words(place - 4, place)))


def before(message: Message, place: int, machine: bool) -> int | None:
    """The place of the number that counts what stands at a place: "2 x", "4 used", "3 machines of"."""
    passed = COUNTERS | (CONTAINERS if machine else frozenset()) | ({"the", "("} if machine else {"("})
    at = place - 1
    if message.words(place - 1, place) == [")"] and message.words(place - 3, place - 2) == ["("]:
        at -= 1  # "(4) RTX A5000"
    while at >= 0 and message.tokens[at].text in passed and place - at <= FAR:
        at -= 1
    return at if at >= 0 and counts(message, at) else None


def after(message: Message, place: int) -> int | None:
    """The place of the number in "H100 x 8"."""
    if message.words(place + 1, place + 2) == ["x"] and counts(message, place + 2):
        return place + 2
    words = message.words(place + 3, place + 5)
    inside = len(words) > 1 and words[0] in INSIDE and (words[1] in CONTAINERS or words[1] in OF_THAT)
    return (
        place + 2
        if inside and message.words(place + 1, place + 2) == [","] and counts(message, place + 2)
        else None
    )


def counts(message: Message, at: int) -> bool:
    """Whether a free whole number stands at a place."""
    if not 0 <= at < len(message.tokens) or at in message.claimed:
        return False
    value = message.tokens[at].value
    priced = at > 0 and bool(message.before(at, "money.currency"))
    return value is not None and value == int(value) and 1 <= value <= MOST and not priced


def machines_of(message: Message, number: int, place: int) -> int | None:
    """The machines before a number of GPUs in each: "2 nodes of 8 H100", "two 8xH100 nodes"."""
    at, held = number - 1, False
    while at >= 0 and message.tokens[at].text in HOLDING and number - at <= FAR:
        at -= 1
    if at >= 0 and message.tokens[at].text in CONTAINERS:
        if (roles := nodes_by_role(message)) is not None:
            return roles
        at -= 1
        held = True
        if at >= 0 and message.tokens[at].text in PER_CONTAINER:
            return nodes_of(message)
        if at > 0 and not counts(message, at) and message.tokens[at].text.isalpha():
            at -= 1
    elif not (number - at > 1 and "x" in message.words(at + 1, number)) and not machine_follows(
        message, place
    ):
        return None
    if at >= 0 and (counts(message, at) or at in message.claimed) and message.tokens[at].value:
        value = message.tokens[at].value or 0
        if value <= MOST_MACHINES and (held or at >= number - 3):
            message.claimed.add(at)
            return int(value)
    return None


def machine_follows(message: Message, place: int) -> bool:
    """Read "8 x H100 nodes", "2 H100 servers": machines of a GPU."""
    following = message.words(place + 1, place + 2)
    return bool(following) and following[0] in CONTAINERS and following[0].endswith(("s", "es", "en"))


def each_holds(message: Message, place: int) -> int | None:
    """Read "ten GB200 nodes with 4 GPUs each", "3 L40S servers of 8": the GPUs of one machine."""
    end = message.clause(place)[1]
    for at in range(place + 2, min(end, place + 5)):
        if message.words(at - 1, at)[0] in ("with", "of", "mit", "avec", "con", "com", "de", "a") and counts(
            message, at
        ):
            message.claimed.add(at)
            return int(message.tokens[at].value or 0)
    return None


def per_machine(message: Message, place: int) -> bool:
    """Read "8 H100 each", "8 H100 per node" after a number of GPUs."""
    end = min(message.sentence(place)[1], place + 5)
    words = message.words(place + 1, end)
    for at, word in enumerate(words):
        if word in PER_CONTAINER:
            return word in ("each", "apiece", "je", "jeweils", "chacun", "cada", "ciascuno") or bool(
                CONTAINERS & set(words[at : at + 3])
            )
    return False


def nodes_before(message: Message, place: int) -> bool:
    """Whether machines are counted right before a machine's name: "2 nodes of the DGX H100"."""
    start = max(message.clause(place)[0], place - FAR)
    return any(word in CONTAINERS for word in message.words(start, place))


def nodes_of(message: Message) -> int | None:
    """The number of machines: "2 nodes", "two identical servers"."""
    if (roles := nodes_by_role(message)) is not None:
        return roles
    for at, token in enumerate(message.tokens):
        if token.text in CONTAINERS and at:
            for number in (at - 1, at - 2):
                between = message.words(number + 1, at)
                if counts(message, number) and all(word.isalpha() for word in between):
                    value = int(message.tokens[number].value or 0)
                    return value if value <= MOST_MACHINES else None
    return None


def nodes_by_role(message: Message) -> int | None:
    """Machines that are counted by what they do: "1 prefill node + 1 decode node"."""
    places = [
        at
        for at, token in enumerate(message.tokens)
        if counts(message, at)
        and token.value is not None
        and message.words(at + 1, at + 2) in (["prefill"], ["decode"])
    ]
    ends = [message.words(at + 2, at + 3) for at in places]
    if not ends or not ends[-1] or ends[-1][0] not in CONTAINERS:
        return None  # "1 prefill + 1 decode node": the last tells what is counted
    values = [int(message.tokens[at].value or 0) for at in places]
    return sum(values) if len(places) > 1 and sum(values) <= MOST_MACHINES else None


def without_a_name(message: Message, nodes: int | None, named: Sequence[Counted]) -> int | None:
    """A number of GPUs that no name follows: "exactly 3 GPUs", "2 nodes of 8", "all 3 cards"."""
    for at in range(len(message.tokens)):
        if not counts(message, at):
            continue
        place = at + 1
        while place < len(message.tokens) and message.tokens[place].text in COUNTERS - ACCELERATORS - {"of"}:
            place += 1
        if message.words(place + 1, place + 2) in (["gb"], ["gib"], ["gig"], ["go"]):
            place += 2  # "four 24 GB cards"
        of_them = message.words(at + 1, at + 3) in (["of", "them"], ["of", "those"], ["of", "these"])
        if named and of_them and message.words(at - 1, at) != ["for"]:
            message.claimed.add(at)
            return int(message.tokens[at].value or 0)
        if place < len(message.tokens) and message.tokens[place].text in ACCELERATORS:
            message.claimed.add(at)
            machines = machines_of(message, at, place) or (
                nodes if nodes and per_machine(message, place) else 1
            )
            return int(message.tokens[at].value or 0) * machines
        if nodes and message.words(at - 2, at - 1) and message.tokens[at - 2].text in CONTAINERS:
            bare = message.words(at - 1, at) in (["of"], ["x"], ["with"], ["mit"], ["de"], ["a"])
            noun = any(message.at(at + 1, label) for label in ("people", "request", "unit", "thing"))
            if bare and not noun and (named or message.tagged("gpu")):
                message.claimed.add(at)
                return int(message.tokens[at].value or 0) * nodes
    return one_without_a_name(message) if named else None


def one_without_a_name(message: Message) -> int | None:
    """Read "One card." beside a named GPU."""
    for place, token in enumerate(message.tokens[1:], 1):
        if token.text in ("card", "gpu", "karte", "carte", "tarjeta", "scheda", "placa"):
            return 1 if message.tokens[place - 1].text in ONE else None
    return None


def claim_memory(message: Message) -> None:
    """Take the memory that is told of GPUs: "96 GB between them", "80 GB each"."""
    gpus = [place for place, token in enumerate(message.tokens) if token.name and token.name.kind == "gpu"]
    for at, _value in list(message.numbers()):
        if message.words(at + 1, at + 2) not in (["gb"], ["gib"], ["gig"], ["gigs"], ["go"]):
            continue
        start, end = message.sentence(at)
        other = {"ram", "disk", "ssd", "weights", "system", "host", "ddr", "file", "files"} & set(
            message.words(at + 2, at + 5)
        )
        if not other and any(start <= place < end for place in gpus):
            message.claimed.add(at)
