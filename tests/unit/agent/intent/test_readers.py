"""One reader a quantity: what a number is of is told by the words around it."""

from collections.abc import Callable

import pytest

from agent.intent.durations import read_durations
from agent.intent.lengths import read_lengths
from agent.intent.message import Message
from agent.intent.money import read_budget
from agent.intent.people import read_people
from agent.intent.percentiles import read_percentile
from agent.intent.quantities import Quantities
from agent.intent.rates import read_rates
from agent.intent.text import plain


def read(reader: Callable[[Message, Quantities], None], text: str) -> Quantities:
    found = Quantities()
    reader(Message.of(plain(text)), found)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("our 5 investors keep asking; right now it's 2,700 developers", 2700),
        ("a company of 8,000 people, but 250 analysts will use it", 250),
        ("would it do for a company of 340 employees", 340),
        ("helpdesk for 52 shops, each with 10 employees", 520),
        ("helpdesk for 52 shops, each with 10 employees, so 500 people", 500),
        ("3 Teams à 12 Entwickler", 36),
        ("300 agents and 20 supervisors", 320),
        ("between 400 and 600 users", 600),
        ("estate agents (some 500) type", 500),
        ("the clerks, 320 in total", 320),
        ("siamo in 8", 8),
        ("team size: 26", 26),
        ("16 Patentanwälte", 16),
        ("para 2.500 hinchas", 2500),
        ("1.200 fichas técnicas por hora", None),
        ("founded in 1904, 7 titles, 3 sites, 24/7, version 2", None),
        ("3 listener mails a minute", None),
    ],
)
def test_people(text: str, expected: int | None) -> None:
    assert read(read_people, text).user_count == expected


@pytest.mark.parametrize(
    ("text", "ttft", "itl", "e2e"),
    [
        ("20 ms entre tokens y 90 ms hasta el primer token", 90, 20, None),
        ("first token in 200 ms and the whole answer in 5 s", 200, None, 5000),
        ("if it takes longer than 140 ms to start showing", 140, None, None),
        ("replies within 15 seconds from start to finish", None, None, 15_000),
        ("Ergebnis spätestens 4 Sekunden nach Gesprächsende", None, None, 4000),
        ("tokens no more than 25ms apart", None, 25, None),
        ("under 300 ms", 300, None, None),
        ("calls of 30 minutes, the last 24 hours, every 5 minutes", None, None, None),
    ],
)
def test_latencies(text: str, ttft: float | None, itl: float | None, e2e: float | None) -> None:
    found = read(read_durations, text)

    assert (found.ttft_ms, found.itl_ms, found.e2e_ms) == (ttft, itl, e2e)


@pytest.mark.parametrize(
    ("text", "prompt", "output"),
    [
        ("in 6k tok, out 350 tok", 6000, 350),
        ("512/256 tokens", 512, 256),
        ("isl 35000, osl 1200", 35_000, 1200),
        ("each thread is 2,500 tokens, the summary 150 tokens", 2500, 150),
        ("summaries of 300-page court files", 150_000, None),
        ("boiled down to two pages", None, 1000),
        ("mille tokens en entrée et cent en sortie", 1000, 100),
        ("50,000 pages of documentation, 8 million words a month", None, None),
    ],
)
def test_lengths(text: str, prompt: int | None, output: int | None) -> None:
    found = read(read_lengths, text)

    assert (found.prompt_tokens, found.output_tokens) == (prompt, output)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at most USD 84,000 annually", 7000),
        ("budget de 48 000 $ par an", 4000),
        ("between $30,000 and $36,000 a year", 3000),
        ("18 grand monthly", 18_000),
        ("40 dollari al giorno", 1216.67),
        ("we raised 4 million dollars", None),
        ("$2.50 an hour for an H100", None),
        ("250k monthly active users", None),
    ],
)
def test_budgets(text: str, expected: float | None) -> None:
    assert read(read_budget, text).budget_usd_per_month == expected


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("90,000 support emails a day", 1.042),
        ("peak 70 rps, average 20 rps", 70),
        ("a request every 4 seconds", 0.25),
        ("12,000 shoppers a day", None),
    ],
)
def test_rates(text: str, rate: float | None) -> None:
    assert read(read_rates, text).requests_per_second == rate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("95th percentile ttft 90 ms", "p95"),
        ("nine times out of ten", "p90"),
        ("in 3 seconds 99 % of the time", "p99"),
        ("at the median", "p50"),
        ("p99.9 not needed, p90 ok", "p90"),
        ("50 % more users", None),
    ],
)
def test_percentiles(text: str, expected: str | None) -> None:
    assert read(read_percentile, text).percentile == expected
