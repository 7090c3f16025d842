"""Numbers with units: latencies, users, rates, tokens, budgets, percentiles."""

import re
from dataclasses import dataclass, field

NUM = r"(?<![\w.])(\d+(?:\.\d+)?)(?![\d.]*\d)"
UNITS = {
    r"ms|msec|millis|milliseconds?|millisekunden?|millisecondes?|milisegundos?|millisecondi|milissegundos?": 1.0,
    r"s|sec|secs|seconds?|sek|sekunden?|secondes?|segundos?|secondi|secondo|segs?": 1000.0,
    r"min|mins|minutes?|minuten|minutos?|minuti": 60_000.0,
    r"h|hrs?|hours?|stunden?|heures?|horas?|ore": 3_600_000.0,
}
ANY_UNIT = "|".join(UNITS)
START = (
    r"start|begin|first|ttft|time[ -]to[ -]first|erst|anfang|beginn|loslegen|commenc|premier|demarr|debut|"
    r"primer|empez|empiez|comenz|comienz|inici|primo|prima parola|cominci|inizi|primeir|comec|kick off|initial|appear"
)
WHOLE = (
    r"whole|complete|full|finish|entire|end[ -]to[ -]end|e2e|total|done|overall|gesamt|komplett|vollstandig|fertig|ganze|"
    r"complet|entier|fini|bout en bout|enter[oa]|termin|extremo a extremo|inter[oa]|fino alla fine|ponta a ponta|"
    r"ready|delivered|turnaround|abgeschlossen|start to finish|per document|per summary|per request|pro dokument|to produce"
)
PER_TOKEN = (
    r"per token|/ ?token|a token|tokens? every|token each|between (?:the )?words|per word|per output token|each token|every token|between tokens|inter[- ]token|itl|tpot|time per output|"
    r"token latency|token gap|pro token|par token|por token|per ogni token|a token|zwischen (?:den )?token|entre (?:les )?tokens|tra (?:i )?token"
)
SECOND = r"(?:s|sec|second|sekunde|seconde|segundo|secondo|seg)\b"
PEOPLE = (
    r"users?|people|persons?|employees?|staff|colleagues|developers?|devs?|engineers?|programmers?|coders?|customers?|clients?|"
    r"agents?|students?|pupils|teachers?|analysts?|lawyers?|attorneys?|paralegals?|doctors?|nurses?|clinicians?|physicians?|"
    r"researchers?|scientists?|seats?|subscribers?|members?|visitors?|shoppers?|readers?|writers?|translators?|marketers?|"
    r"usrs?|ppl|peeps|copywriters?|callers|patients?|drivers?|operators?|technicians?|mechanics?|installers?|electricians?|salespeople|sellers?|"
    r"buyers?|tenants?|residents?|guests?|travell?ers|passengers|fans|viewers|listeners|patrons|policyholders|brokers?|traders?|bankers?|"
    r"accountants?|auditors?|officers?|journalists?|reporters?|designers?|managers?|executives?|interns?|trainees?|tutors?|professors?|"
    r"librarians?|therapists?|pharmacists?|clerks?|secretaries|handlers?|adjusters?|underwriters?|moderators?|freelancers?|contractors?|"
    r"learners?|kids|children|parents|families|households|undergrads|graduates|postdocs|phds|scholars|academics|specialists|experts|"
    r"professionals|practitioners|linguists?|interpreters?|localizers?|bloggers?|creators?|creatives|streamers|gamers|owners|admins?|"
    r"administrators?|sysadmins|planners|buyers|partners|solicitors|barristers|notaries|judges|counsels?|jurists|chemists|biologists|"
    r"physicists|data scientists|quants|supporters|voters|donors|volunteers|applicants|candidates|borrowers|investors|advisers|"
    r"representatives|sachbearbeiter(?:n|innen)?|ubersetzer(?:n|innen)?|redakteure?(?:n)?|forscher(?:n|innen)?|lehrer(?:n|innen)?|fachleute|angestellte(?:n)?|"
    r"berater(?:n|innen)?|pflegekrafte(?:n)?|traducteurs?|redacteurs?|chercheurs?|enseignants?|eleves?|agents|conseillers?|ingenieurs?|traductores|"
    r"redactores|investigadores|profesores|alumnos|ingenieros|agentes|asesores|traduttori|redattori|ricercatori|insegnanti|ingegneri|"
    r"tradutores|redatores|pesquisadores|professores|engenheiros|atendentes|associates|citizens|wissenschaftler(?:n|innen)?|schuler(?:n|innen)?|handler(?:n|innen)?|techniker(?:n|innen)?|gestalter(?:n|innen)?|mitarbeitende(?:n)?|texter(?:n|innen)?|nutzende(?:n)?|forschende(?:n)?|lehrkrafte(?:n)?|patienten|analystes|pazienti|"
    r"pacientes|visiteurs|visitatori|visitantes|joueurs|giocatori|jugadores|jogadores|spieler(?:n)?|besucher(?:n)?|lecteurs|lettori|lectores|"
    r"leser(?:n)?|impiegati|operatori|operadores|operateurs|consulenti|consultores|players?|accounts|heads|consultants|advisors?|reps|testers?|editors?|authors?|workers|recruiters?|folks|humans|"
    r"nutzer(?:n|innen)?|benutzer(?:n)?|anwender(?:n)?|mitarbeiter(?:n|innen)?|kunden|entwickler(?:n|innen)?|personen|leute|studenten|"
    r"studierende|anwalte(?:n)?|juristen|arzte(?:n)?|schuler|kollegen|utilisateurs?|personnes|employes|salaries|developpeurs?|clients|"
    r"etudiants|avocats|medecins|collaborateurs|usuarios?|personas|empleados|desarrolladores|clientes|estudiantes|abogados|medicos|"
    r"programadores|utenti|persone|dipendenti|sviluppatori|clienti|studenti|avvocati|medici|utilizadores|pessoas|funcionarios|"
    r"desenvolvedores|colaboradores|alunos|advogados|trabajadores|analistas|programmatori|programmeurs?|programmierer(?:n)?"
)
PERIODS = {
    r"(?:s|sec|second|sekunde|seconde|segundo|secondo|seg)": 1.0,
    r"(?:min|minute|minuto)": 60.0,
    r"(?:h|hr|hour|stunde|heure|hora|ora)": 3600.0,
    r"(?:d|day|tag|jour|dia|giorno)": 86_400.0,
    r"(?:week|wk|woche|semaine|semana|settimana)": 604_800.0,
    r"(?:month|mo|monat|mois|mes|mese)": 2_628_000.0,
    r"(?:year|yr|annum|jahr|annee|an|ano|anno)": 31_536_000.0,
}
PER = (
    r" ?(?:/|per|a|an|each|every|pro|par|por|al|alla|all'|ao|a la|am|im|in der|je|jede[nrs]?|cada|al|p\.?)? ?"
)
REQUESTS = (
    r"requests?|reqs?|queries|calls?|prompts?|messages?|chats?|conversations?|questions?|inferences?|hits|transactions?|documents?|docs|"
    r"emails?|mails|e-mails?|tickets?|summaries|reports?|pages|articles?|contracts?|files|translations?|generations?|completions?|"
    r"anfragen|dokumente?|nachrichten|requetes|demandes|peticiones|solicitudes|consultas|documentos?|richieste|documenti|documento|"
    r"meetings|recordings|invoices|claims|letters|cases|orders|images|products|skus|items|papers|abstracts|reviews|comments|posts|sessions|"
    r"interactions|searches|lookups|translations|besprechungen|rechnungen|reunions|factures|reuniones|facturas|riunioni|fatture|"
    r"pedidos|requisicoes|solicitacoes|mensagens|messaggi|mensajes|vertrage|berichte|jobs|tasks|descriptions?|posts?"
)
PROMPT = (
    r"prompt|input|context|\bin\b|incoming|question|quer(?:y|ies)|eingabe|kontext|frage|entree|contexte|entrada|contexto|pregunta|"
    r"transcript|filing|record|letter|claim|paper|statement|chapter|"
    r"ingresso|contesto|domand|pergunta|document|dokument|long text|source|article|request"
)
OUTPUT = (
    r"output|answer|respon|repl(?:y|ies)|completion|generat|\bout\b|outgoing|summar|ausgabe|antwort|sortie|repons|salida|respuesta|"
    r"uscita|rispost|saida|respost|zusammenfass|resum|riassunt|written|result"
)
PAGES_OUT = r"answer|output|respon|antwort|repons|respuest|rispost|respost|ausgabe"
TOKENS_A_WORD = 4 / 3
TOKENS_A_PAGE = 500
MONTH_HOURS = 730.0
CURRENCY = r"(?:us ?\$|\$|usd|dollars?|dolares|dollari|bucks|eur|euros?|€|£|gbp|pounds?)"

# People of a trade that the list above lacks: "45 geologists"; not things that end alike.
AGENT_NOUN = re.compile(
    rf"{NUM} (?:[a-z-]+ )?(?!servers|papers|numbers|orders|letters|parameters|clusters|containers|centers|centres|offers|chapters|"
    r"computers|routers|processors|errors|vectors|floors|doors|monitors|sensors|factors|colors|members of|powers|layers|answers|"
    r"trailers|headers|drafters of|flyers|banners|posters|characters|folders|quarters|workers? nodes?|invoices|claims)"
    r"[a-z]{3,}(?:ers|ors|ists|ians|ologists|eurs|adores|istas|isti|atori)\b"
)
WRITING = (
    r"blog|post|article|writ|draft|essay|newsletter|\bcopy|description|release|caption|stor(?:y|ies)|\bads?\b"
)
"""What is written has its length in the answer."""


@dataclass
class Quantities:
    """What one message says in numbers; None where it says nothing."""

    user_count: int | None = None
    ttft_ms: float | None = None
    itl_ms: float | None = None
    e2e_ms: float | None = None
    plain_ms: float | None = None
    """A latency of which the message does not say what it is of; also stored as TTFT or E2E."""
    percentile: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    requests_per_second: float | None = None
    budget_usd_per_month: float | None = None
    scale_users: float | None = None
    """"twice as many users": a factor on what was said before."""
    scale_budget: float | None = None
    """"half the budget": likewise."""
    notes: list[tuple[str, str, str]] = field(default_factory=list)


def quantities(text: str) -> Quantities:
    """Everything numeric in a plain text (see `reading.read`)."""
    found = Quantities()
    taken: list[tuple[int, int]] = []
    read_budget(text, found, taken)
    read_throughput(text, found, taken)
    read_volume(text, taken)
    read_rate(text, found, taken)
    read_other_rate(text, found, taken)
    read_tokens(text, found, taken)
    read_users(text, found, taken)
    read_latencies(text, found, taken)
    read_percentile(text, found)
    read_scaled_budget(text, found)
    return found


def free(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    """Whether no earlier reader took these letters."""
    return all(span[1] <= start or span[0] >= end for start, end in taken)


def around(text: str, start: int, end: int, before: int = 60, after: int = 45) -> tuple[str, str]:
    """The clause before and after a span."""
    left = re.split(r"[;!?\n]|,(?!\d)|\.(?!\d)", text[max(0, start - before) : start])[-1]
    right = re.split(r"[;!?\n]|,(?!\d)|\.(?!\d)", text[end : end + after])[0]
    return left, right


def read_budget(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """Money a month; the period is a month when none is said."""
    amount = rf"(?:{CURRENCY} ?{NUM}|{NUM} ?{CURRENCY}(?![a-z]))"
    periods = "|".join(PERIODS)
    pattern = rf"{amount}(?: ?(?:/|per|a|an|each|every|pro|par|por|al|all'|ao|im|je|cada|monthly) ?({periods})(?![a-z]))?"
    for match in re.finditer(pattern, text):
        span = match.span()
        tail = text[span[1] : span[1] + 28]
        if not free(span, taken):
            continue
        taken.append(span)
        if re.match(
            r" ?(?:/|per|a|for|pro|par|por|each) ?(?:1m|million|1000000|gpu|token|1000 tokens|request|user|card)",
            tail,
        ):
            continue
        value = float(match[1] or match[2])
        period = match[3] or implied_period(text, span)
        found.budget_usd_per_month = round(monthly(value, period), 2)
        if re.search(r"eur|€|£|gbp|pound", match[0]):
            found.notes.append(("budget_usd_per_month", "1:1", "another currency is taken as US dollars"))
        return
    plain = re.search(
        # A bare amount with a period is money: a rate would name what it counts.
        rf"(?<!each )(?<!about the )\b{NUM} ?(?:/ ?|a |per |every |im |pro |par |al |por |ao )?(?:month|mo|year|yr|annum|monthly|yearly|annually|p\.a\.|monat|jahr|monatlich|jahrlich|mois|an|mensuel\w*|mes|mensual\w*|ano|mese|mensil\w*|anno)(?![a-z])(?! active| users?| visitors)",
        text,
    ) or re.search(
        rf"(?:budget|ceiling|spending|spend|price cap|cost cap|kostenrahmen|plafond|tope|tetto|teto)(?: to| now| at| should be| auf| a| no more than| not more than| is now| of| is| limit| cap|:|=| von| de| di| max\w*| under| below| around| about| up to)* {NUM}",
        text,
    )
    if plain and free(plain.span(1), taken) and float(plain[1]) >= 50:
        taken.append(plain.span())
        found.budget_usd_per_month = round(monthly(float(plain[1]), implied_period(text, plain.span(1))), 2)


def implied_period(text: str, span: tuple[int, int]) -> str:
    """Read "monthly budget of $5,000": the period elsewhere in the clause; a month otherwise."""
    left, right = around(text, *span, before=40, after=25)
    both = left + " " + right
    if re.search(r"year|annual|jahr|jahrlich|annuel|par an|anual|al ano|annuo|all'anno|por ano", both):
        return "year"
    if re.search(r"hour|stunde|heure|hora|all'ora", both) and not re.search(r"month|monat|mois|mes", both):
        return "hour"
    if re.search(r"week|woche|semaine|semana|settimana", both):
        return "week"
    if re.search(r"daily|a day|taglich|par jour|diario|al dia|al giorno|por dia", both):
        return "day"
    return "month"


def monthly(value: float, period: str) -> float:
    """An amount for a period as an amount for a month of 730 hours."""
    seconds = next(size for name, size in PERIODS.items() if re.fullmatch(name, period))
    if seconds == 31_536_000.0:
        return value / 12
    return value * MONTH_HOURS * 3600 / seconds


def read_throughput(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """Read "40 tokens per second" for a reader is an ITL of 25 ms; a whole system's throughput is not."""
    pattern = rf"{NUM} ?(?:output )?(?:tokens?|tok|t|token)(?: ?/ ?| per | a | pro | par | por | al | ao |p){SECOND}|{NUM} ?tps\b"
    arriving = re.search(
        rf"tokens?(?: \w+){{0,4}} {NUM} ?(?:/ ?|per |a |pro |par |por |al |ao ){SECOND}", text
    )
    if arriving and 0 < float(arriving[1]) <= 500:
        taken.append(arriving.span())
        found.itl_ms = round(1000.0 / float(arriving[1]), 2)
    for match in re.finditer(pattern, text):
        if not free(match.span(), taken):
            continue
        taken.append(match.span())
        left, right = around(text, *match.span())
        whole = re.search(
            r"aggregate|total|throughput|overall|combined|system|cluster|durchsatz|debit|gesamt", left + right
        )
        value = float(match[1] or match[2])
        if value > 0 and not whole and value <= 500:
            found.itl_ms = round(1000.0 / value, 2)


ANY_THING = re.compile(
    rf"{NUM} (?:[a-z-]+ )?([a-z-]+)(?: ?/ ?| per | a | an | each | every | pro | par | por | al | alla | all'| ao | am | je | cada | in a )"
    rf"({'|'.join(PERIODS)})s?(?![a-z])"
)
"""A rate of whatever: "1000 podcasts per hour"; of people it would be users, of tokens a throughput."""


def read_other_rate(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """Requests a second where the thing that is counted is in no list."""
    for match in ANY_THING.finditer(text):
        other = re.fullmatch(
            rf"(?:{PEOPLE}|tokens?|{ANY_UNIT}|days?|weeks?|months?|years?|times?|gpus?|visits?|{CURRENCY})",
            match[2],
        )
        if found.requests_per_second is None and not other and free(match.span(), taken):
            taken.append(match.span())
            seconds = next(size for name, size in PERIODS.items() if re.fullmatch(name, match[3]))
            found.requests_per_second = float(f"{float(match[1]) / seconds:.4g}")


def read_volume(text: str, taken: list[tuple[int, int]]) -> None:
    """Set aside "2000000 tokens per day": a volume, no length of a prompt."""
    periods = "|".join(name for name in PERIODS if "sec" not in name)
    for match in re.finditer(
        rf"{NUM} ?tokens?(?: ?/ ?| per | a | each | every | pro | par | por | al | ao )(?:{periods})(?![a-z])",
        text,
    ):
        taken.append(match.span())


def read_rate(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """Requests a second, from any period."""
    for match in re.finditer(
        rf"{NUM} ?(?:rps|qps|req/s|requests?/s|queries/s|r/s|anfragen/s|req/sec|requests?/sec)\b", text
    ):
        if free(match.span(), taken):
            taken.append(match.span())
            found.requests_per_second = float(match[1])
            return
    periods = "|".join(PERIODS)
    pattern = (
        rf"{NUM} (?:\w+[ -]){{0,2}}?(?:{REQUESTS})(?: \w+){{0,2}}?(?: ?/ ?| per | a | an | each | every | pro | par | por | al | alla | all'"
        rf"| ao | am | je | cada | in a )({periods})s?(?![a-z])|{NUM} (?:\w+[ -]){{0,2}}?(?:{REQUESTS}) (daily|hourly|taglich|diarios|weekly|monthly)"
    )
    for match in re.finditer(pattern, text):
        if not free(match.span(), taken):
            continue
        words = {
            "daily": "day",
            "hourly": "hour",
            "taglich": "day",
            "diarios": "day",
            "weekly": "week",
            "monthly": "month",
        }
        value, period = (float(match[1]), match[2]) if match[1] else (float(match[3]), words[match[4]])
        if re.search(
            r"(?:each|every|per) (?:user|person|developer|employee)|(?:user|person|developer)s? (?:sends?|makes?|asks?)",
            text,
        ):
            taken.append(match.span())
            continue
        taken.append(match.span())
        seconds = next(size for name, size in PERIODS.items() if re.fullmatch(name, period))
        found.requests_per_second = float(f"{value / seconds:.4g}")
        return


def read_tokens(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """Prompt and answer lengths in tokens, words or pages."""
    pair = re.search(
        rf"{NUM}(?: tokens?)? ?(?:in\b|input|prompt)?(?: tokens?)?,? ?(?:/|->|→|to|and|,|x|:|auf) ?{NUM} ?(?:tokens? ?)?(?:out\b|output|tokens?\b)",
        text,
    )
    if (
        pair
        and free(pair.span(), taken)
        and 8 <= float(pair[1])
        and 4 <= float(pair[2])
        and "between" not in text[max(0, pair.start() - 12) : pair.start()]
    ):
        taken.append(pair.span())
        found.prompt_tokens, found.output_tokens = int(float(pair[1])), int(float(pair[2]))
        return
    for name, words_of in (("prompt_tokens", "prompt|input|context|eingabe|entree|entrada|ingresso"),
                           ("output_tokens", "output|answer|response|completion|reply|ausgabe|sortie|salida|uscita|saida")):  # fmt: skip
        bare = re.search(
            rf"\b(?:{words_of})s?(?: length| size| window)?(?: of| is| are|:|=|~| up to| around| about|,)* {NUM}(?! ?(?:{ANY_UNIT}|tokens?|words?|pages?|%|{PEOPLE}|{REQUESTS})(?![a-z]))"
            rf"|{NUM} (?:token |tok )?(?:{words_of}) ?(?:length|size|window)?s?(?=$|[ ,.;-])(?! tokens?)",
            text,
        )
        if bare and 16 <= float(bare[1] or bare[2]) and free(bare.span(1 if bare[1] else 2), taken):
            taken.append(bare.span())
            setattr(found, name, int(float(bare[1] or bare[2])))
    unit = (
        r"tokens?|tok\b|words?|worter(?:n)?|worte|mots|palabras|parole|palavras|pages?|seiten|paginas?|pagine"
    )
    for match in re.finditer(rf"{NUM}[ -]?(?:\w+ )?({unit})(?![a-z])", text):
        if not free(match.span(), taken):
            continue
        inside = match[0].split(" ", 1)[-1]
        side = "prompt" if re.search(r"input|prompt|context", inside) else side_of(text, *match.span())
        side = "output" if re.search(r"output|answer|completion|response", inside) else side
        if side is None:
            continue
        taken.append(match.span())
        size = float(match[1]) * size_of(match[2])
        name = "prompt_tokens" if side == "prompt" else "output_tokens"
        if getattr(found, name) is None and size >= 1:
            setattr(found, name, round(size))
            if not match[2].startswith("tok"):
                found.notes.append(
                    (name, f"{round(size)}", f"{match[1]} {match[2]} at {size_of(match[2]):.3g} tokens each")
                )


def size_of(unit: str) -> float:
    """Tokens in a unit of text; pages by a usual half-thousand, words by four thirds."""
    if unit.startswith("tok"):
        return 1.0
    return TOKENS_A_PAGE if re.match(r"page|seite|pagin", unit) else TOKENS_A_WORD


LEADS = (
    (r"\b(?:in|into|on|as) (?:about |at most |max |under |less than )?$", "output"),
    (
        r"(?:down|condensed|boiled|shortened|summari[sz]ed|reduced|cut)\b[^.,;]*\b(?:in)?to (?:about |some |around )?$",
        "output",
    ),
)
"""What stands right before a length decides first."""
OF_LEADS = (
    (
        rf"\b\w*(?:{OUTPUT})\w* (?:of|with|von|mit|de|di) (?:about |up to |around |some |roughly |circa )*$",
        "output",
    ),
    (
        rf"\b\w*(?:{PROMPT})\w* (?:of|with|von|mit|de|di) (?:about |up to |around |some |roughly |circa )*$",
        "prompt",
    ),
)
"""Then the noun whose length it is; pages of a summary are those of what is summarised."""


def side_of(text: str, start: int, end: int) -> str | None:
    """Whether a length is of the prompt or of the answer: the nearest word decides; pages alone are prompts."""
    left, right = around(text, start, end, before=38, after=34)
    for pattern, side in LEADS:
        if re.search(pattern, left):
            return side
    if re.search(r"page|seite|pagin", text[start:end]) and not re.search(
        PAGES_OUT, left[-16:] + "|" + right[:16]
    ):
        return "prompt"
    for pattern, side in OF_LEADS:
        if re.search(pattern, left):
            return side
    if (named := nearest_side(left, right)) is not None:
        return named
    if re.search(WRITING, text):
        return "output"
    # "filings of 20000 tokens": what is read.
    read = re.search(r"page|seite|pagin", text[start:end]) or re.search(
        r"[a-z]+ (?:of|with|a|von|mit|de|di) (?:about |up to |around |some |roughly )*$", left
    )
    return "prompt" if read else None


def nearest_side(left: str, right: str) -> str | None:
    """The side whose word stands nearest to a length; a word before it counts as a little further."""
    gaps: list[tuple[float, str]] = []
    for side, pattern in (("prompt", PROMPT), ("output", OUTPUT)):
        gaps += [(float(match.start()), side) for match in re.finditer(pattern, right)]
        gaps += [(float(len(left) - match.end()) + 1.5, side) for match in re.finditer(pattern, left)]
    return min(gaps)[1] if gaps else None


def read_users(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """How many people; of a range the larger end."""
    adjectives = r"(?:(?!per\b|a\b|ms\b|gpus?\b|replicas?\b|tokens?\b)[a-z'+-]+ ){0,3}?"
    patterns = (
        rf"\b(?:so|total(?:ling)?(?: of)?|altogether|in all|insgesamt|au total|en total|in totale|=) (?:about |around )?{NUM} {adjectives}(?:{PEOPLE})(?![a-z])",
        rf"(?:{PEOPLE}) ?\(? ?n ?= ?{NUM}",
        rf"(?:{PEOPLE}) ?\((?:about |around |roughly |some |approx\.? |circa |ca\.? |~ ?)?{NUM} ?\+?\)",
        rf"{NUM} ?(?:-|to|bis|a|und|and|or|et|y|e) ?{NUM} ?{adjectives}(?:{PEOPLE})(?![a-z])",
        rf"{NUM}\+? ?-?{adjectives}(?:{PEOPLE})(?![a-z])",
        rf"(?:{PEOPLE})(?: count| base| number)?(?: of| is|:|=| ~)+ ?(?:about |around |roughly |approx\.? |circa |ca\.? )?{NUM}",
        rf"(?:team|group|company|organi[sz]ation|firm|staff|workforce|department|school|user base|userbase|equipo|equipe|gruppe|firma|belegschaft|"
        rf"entreprise|empresa|azienda|squadra|time|audience|community)(?: of| with| von| mit| de| di| da| com| con| avec)? (?:about |around |roughly |some |etwa |ca\.? )?{NUM}",
        rf"{NUM}[- ](?:person|people|man|strong|seat|user|developer|employee|kopfig)",
        rf"(?:for|fur|pour|para|per) (?:about |around |roughly |some |etwa |ca\.? |circa )?{NUM}(?= ?(?:$|[.,;!?]|of us|at once|concurrent))",
        rf"{NUM} of (?:us|them)\b",
        rf"(?:what if|how about|what about|and if|suppose)(?: we| it| there| they)?(?: had| have| were| was| got| grew to| are)? {NUM} ?\?*$",
        rf"make (?:it|that) {NUM}(?! ?(?:{ANY_UNIT}|tokens?|gpu))",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text):
            value = max(float(group) for group in match.groups() if group)
            if free(match.span(1), taken) and value == int(value):
                taken.append(match.span(1))
                found.user_count = int(value)
                return
    trade = AGENT_NOUN.search(text)
    if trade and free(trade.span(1), taken) and float(trade[1]) == int(float(trade[1])):
        taken.append(trade.span(1))
        found.user_count = int(float(trade[1]))
        return
    scaled = re.search(
        r"(twice|double|triple|half|doppelt|doble|doppio|dobro|deux fois)[^.]{0,24}(?:users|people|nutzer|usuarios|utilisateurs|utenti|load|traffic)",
        text,
    )
    if scaled:
        found.scale_users = {"triple": 3.0, "half": 0.5}.get(scaled[1], 2.0)


def read_scaled_budget(text: str, found: Quantities) -> None:
    """Read "half the budget", "double the budget": a factor on what was said."""
    scaled = re.search(
        r"(twice|double|triple|half|doppelt\w*|halb\w*|doble|mitad|doppio|meta|dobro|metade|moitie)(?: \w+){0,2} (?:budget|presupuesto|orcamento)",
        text,
    )
    if scaled:
        small = re.match(r"hal|mitad|meta|moitie", scaled[1])
        found.scale_budget = 0.5 if small else 3.0 if scaled[1] == "triple" else 2.0


def read_latencies(text: str, found: Quantities, taken: list[tuple[int, int]]) -> None:
    """TTFT, ITL and E2E by the words around each duration."""
    labelled = re.finditer(
        rf"\b(ttft|itl|tpot|e2e)\b[^\d.;]{{0,24}}{NUM} ?(?:({ANY_UNIT})(?![a-z\d]))?", text
    )
    for match in labelled:
        if free(match.span(2), taken):
            taken.append(match.span())
            keep(
                found,
                {"tpot": "itl"}.get(match[1], match[1]) + "_ms",
                float(match[2]) * unit_of(match[3] or "ms"),
            )
    for match in re.finditer(rf"{NUM} ?-?({ANY_UNIT})(?![a-z\d])", text):
        if not free(match.span(), taken):
            continue
        taken.append(match.span())
        value = float(match[1]) * unit_of(match[2])
        left, right = around(text, *match.span())
        if re.match(
            r" ?(?:/ ?7|of (?:audio|video)|clips?|window|ago|long (?:call|audio))", right
        ) or re.search(r"(?:last|past|(?<!token )(?<!tokens )every) $", left):
            continue
        classify(text, found, value, left, right)


def unit_of(unit: str) -> float:
    """Milliseconds in a unit."""
    return next(size for pattern, size in UNITS.items() if re.fullmatch(pattern, unit))


def keep(found: Quantities, name: str, value: float) -> None:
    """The first value of a field stays."""
    if getattr(found, name) is None:
        setattr(found, name, round(value, 3))


def classify(text: str, found: Quantities, value: float, left: str, right: str) -> None:
    """What a duration is of: the nearest telling word of its clause; its size where no word tells."""
    if re.search(PER_TOKEN, right[:34]) or re.search(PER_TOKEN, left[-40:]):
        keep(found, "itl_ms", value)
        return
    start = nearest(START, left, right)
    whole = nearest(WHOLE, left, right)
    if start is not None and (whole is None or start <= whole):
        keep(found, "ttft_ms", value)
    elif whole is not None:
        keep(found, "e2e_ms", value)
    else:
        keep(found, "plain_ms", value)
        # Nobody gets a whole answer within a second; nobody waits longer for the first word unless they say so.
        keep(found, "ttft_ms" if value <= 1000 else "e2e_ms", value)


def nearest(pattern: str, left: str, right: str) -> int | None:
    """Letters between the duration and the nearest match, None without one."""
    gaps = [len(left) - match.end() for match in re.finditer(rf"\b(?:{pattern})", left)]
    gaps += [match.start() for match in re.finditer(rf"\b(?:{pattern})", right)]
    return min(gaps, default=None)


def read_percentile(text: str, found: Quantities) -> None:
    """Of the targets: p50, p90, p95, p99, or the mean."""
    match = re.search(
        r"\bp ?-?(50|90|95|99)\b|\b(50|90|95|99)(?:th|st|\.|e|eme|o|a|er)?[ -]?(?:percentile|perzentil|centile|percentil|percentile|%-perzentil)",
        text,
    )
    if match is None:
        match = re.search(
            r"(?:percentile|perzentil|percentil|centile) (?:of )?(50|90|95|99)|\b(90|95|99) ?(?:%|percent|prozent|pour cent|por ciento|per cento|por cento) (?:of|der|des|de|delle|dei|das|aller) (?:all |alle |the |our |todas |toutes |tutte |las |les |le |as )*(?:requests|completions|queries|messages|prompts|cases|users|people|answers|responses|calls|anfragen|antworten|reponses|requetes|respuestas|peticiones|risposte|richieste|respostas|users|time)",
            text,
        )
    if match:
        found.percentile = "p" + next(group for group in match.groups() if group)
    elif re.search(r"\bmedian\b|\bmediane\b|\bmediana\b", text):
        found.percentile = "p50"
    elif re.search(
        r"\bon average\b|\bin average\b|\baverage (?:latency|ttft|response|time)|\bmean (?:latency|ttft|response)|\bim schnitt\b|\bdurchschnittlich|\bim durchschnitt\b|\ben moyenne\b|\bde media\b|\ben promedio\b|\bin media\b|\bem media\b|\bmittlere",
        text,
    ):
        found.percentile = "mean"
