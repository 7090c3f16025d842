"""Recorded traffic: the public shapes, and files that are wrong by line and column."""

from pathlib import Path

import pytest

from compass.core import InvalidInput
from compass.traffic import read_trace

AZURE = (
    "TIMESTAMP,ContextTokens,GeneratedTokens\n"
    "2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n"
)
BURST_GPT = (
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
    "5,1,2.0,ChatGPT,472,18,490,Conversation log\n45,1,1.0,ChatGPT,1087,0,1087,API log\n"
    "118,2,3.0,GPT-4,417,276,693,Conversation log\n"
)
OWN = (
    '{"arrival_s": 1.0, "prompt_tokens": 10, "output_tokens": 5}\n\n'
    '{"arrival_s": 1.5, "prompt_tokens": 20, "output_tokens": 6}\n'
)


@pytest.mark.parametrize(
    ("name", "content", "arrivals", "prompts", "outputs"),
    [
        ("azure.csv", AZURE, [0, 4314.579], [374, 396], [44, 109]),
        ("burst.csv", BURST_GPT, [0, 113_000], [472, 417], [18, 276]),
        ("own.jsonl", OWN, [0, 500], [10, 20], [5, 6]),
    ],
)
def test_the_public_shapes_and_our_own_are_read(
    tmp_path: Path, name: str, content: str, arrivals: list[float], prompts: list[int], outputs: list[int]
) -> None:
    path = tmp_path / name
    path.write_text(content)

    requests = read_trace(path)

    assert requests.arrival_ms.tolist() == pytest.approx(arrivals, abs=0.01)
    assert requests.prompt_tokens.tolist() == prompts and requests.output_tokens.tolist() == outputs


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "time,input\n1,2\n", "line 1: no column for prompt"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\n5,1,1\n4,1,1\n", "line 3: arrives before"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\nsoon,1,1\n", "line 2: arrival"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\nnan,1,1\n", "line 2: arrival: nan"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\n1,many,1\n", "line 2: prompt_tokens"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\n1,1,-4\n", "line 2: output_tokens"),
        ("a.csv", "arrival,prompt_tokens,output_tokens\n", "holds no request"),
        ("a.jsonl", '{"arrival": 1', "line 1: not JSON"),
        ("a.jsonl", "[1]\n", "line 1: must hold an object"),
        ("a.jsonl", '{"arrival": 1, "prompt_tokens": 3}\n', "line 1: output: is missing"),
    ],
)
def test_a_wrong_trace_is_named_by_line_and_column(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InvalidInput, match=said):
        read_trace(path)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_trace(tmp_path / "none.csv")
