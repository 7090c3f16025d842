"""How far a negation reaches: over the noun phrase that it governs, and no preposition further."""

import pytest

from agent.intent import understand


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("without quantization on L40S", ("L40S",), ()),
        ("no spot machines, with H100", ("H100",), ()),
        ("no reasoning on H100", ("H100",), ()),
        ("no redundancy with two L4", ("L4",), ()),
        ("never swap to disk on the A100", ("A100",), ()),
        ("without tensor parallelism over the L40S", ("L40S",), ()),
        ("no prefix caching in vLLM on H200", ("H200",), ()),
        ("not on H100 but H200", ("H200",), ("H100",)),
        ("nothing on A100", (), ("A100",)),
        ("don't run it on H100", (), ("H100",)),
        ("we can't deploy on B200", (), ("B200",)),
        ("no budget for H200", (), ("H200",)),
        ("no H100, L40S is fine", ("L40S",), ("H100",)),
        ("ohne Quantisierung auf L40S", ("L40S",), ()),
        ("keine Spot-Instanzen, auf H100", ("H100",), ()),
        ("nicht auf H100", (), ("H100",)),
        ("kein A100", (), ("A100",)),
        ("sans raisonnement sur H100", ("H100",), ()),
        ("pas de H100", (), ("H100",)),
        ("pas sur A100", (), ("A100",)),
        ("sin razonamiento en H100", ("H100",), ()),
        ("sin A100 para nuestros empleados", (), ("A100",)),
        ("senza ragionamento su L40S", ("L40S",), ()),
        ("ma non su A100 per i nostri dipendenti", (), ("A100",)),
        ("sem raciocínio em H100", ("H100",), ()),
        ("nada de A100", (), ("A100",)),
        ("H100 is not needed, L4 will do", ("L4",), ("H100",)),
        ("no more than two L40S", ("L40S",), ()),
        ("we don't have H100s, only A100s", ("A100",), ("H100",)),
        ("a longer context is refused on L4", ("L4",), ()),
    ],
)
def test_a_negation_ends_with_its_phrase(
    text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    intent = understand([f"chatbot with Qwen3-14B, 200 users, {text}"])

    assert (intent.preferred_gpu_types, intent.excluded_gpu_types) == (wanted, unwanted)


@pytest.mark.parametrize("text", ["without fp8", "no AWQ", "not in int8"])
def test_a_format_that_is_ruled_out_is_not_wanted(text: str) -> None:
    assert understand([f"Qwen3-14B on an L40S for 40 users, {text}"]).precision is None
