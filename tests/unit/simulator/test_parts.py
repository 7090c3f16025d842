"""Profile, tokens, texts and batching, without a clock."""

import dataclasses
import json
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import tokens
from simulator.profile import Profile, ProfileError, default_profile, parse_profile
from simulator.scheduler import BLOCK, Scheduler, Sequence
from simulator.text import OPENING, answer, with_stops


class Listener:
    """A sink that counts."""

    def token(self, sequence: Sequence, last: bool) -> None:
        raise AssertionError("the scheduler speaks to nobody")


def sequence(prompt: int, output: int) -> Sequence:
    return Sequence(prompt, output, 0.0, Listener())


def play(scheduler: Scheduler, limit: int = 10_000) -> list[float]:
    """Run until idle; the durations of the steps."""
    durations: list[float] = []
    while (step := scheduler.next_step(1.0)) and len(durations) < limit:
        used = sum(one.blocks for one in scheduler.running)
        assert used + scheduler.free_blocks == scheduler.blocks
        scheduler.complete(step)
        durations.append(step.duration_ms)
    return durations


@given(st.text())
def test_tokens_are_their_own_inverse(text: str) -> None:
    ids = tokens.encode(text)

    assert tokens.decode(ids) == text.encode("utf-8", "replace").decode()
    assert len(ids) == tokens.count(text)
    assert all(0 <= number < 2**48 for number in ids)


def test_the_answer_says_what_it_is_and_counts_as_its_own_tokens() -> None:
    text = "".join(islice(answer(0, "hi"), 200))

    assert text.startswith(OPENING)
    assert tokens.count(text) == 200


def test_the_same_seed_and_prompt_give_the_same_answer() -> None:
    def words(seed: int, prompt: str) -> str:
        return "".join(islice(answer(seed, prompt), 120))

    assert words(1, "a") == words(1, "a")
    assert len({words(1, "a"), words(2, "a"), words(1, "b")}) == 3


@given(stop=st.sampled_from(["simulator", " from", "not", "text comes", "zzz"]), keep=st.booleans())
def test_a_stop_string_ends_the_text_where_it_begins(stop: str, keep: bool) -> None:
    whole = "".join(islice(answer(0, "x"), 40))

    ending = with_stops(answer(0, "x"), 40, [stop], 0, keep)

    before = whole.partition(stop)[0]
    expected = before + stop * keep if stop in whole else whole
    assert "".join(ending.deltas) == expected
    assert ending.stop == (stop if stop in whole else None)


def test_min_tokens_puts_a_stop_off() -> None:
    early = with_stops(answer(0, "x"), 400, ["."], 0, False)
    late = with_stops(answer(0, "x"), 400, ["."], 50, False)

    assert len(early.deltas) < 50 < len(late.deltas)


def test_a_step_costs_what_the_profile_says() -> None:
    profile = dataclasses.replace(
        default_profile(), batch=(1, 3), decode_ms=(10.0, 20.0), kv_ms_per_token=0.5
    )

    assert profile.step_ms(2, 100, 0, 0) == 15.0 + 50.0
    assert profile.step_ms(0, 0, 7, 0) == 10.0 + 7 * profile.prefill_ms_per_token
    assert profile.decode_step_ms(99) == 20.0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch", [2, 1]),
        ("decode_ms", [1.0]),
        ("max_num_seqs", 0),
        ("prefill_ms_per_token", -1),
        ("kv_ms_per_token", "fast"),
        ("model", ""),
        ("max_model_len", 1.5),
    ],
)
def test_a_wrong_profile_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    document = dataclasses.asdict(default_profile()) | {field: value}

    with pytest.raises(ProfileError, match=field):
        parse_profile(json.dumps(document), "p.json")


def test_an_unknown_and_a_missing_field_are_named() -> None:
    document = dataclasses.asdict(default_profile())

    with pytest.raises(ProfileError, match="speed not known"):
        parse_profile(json.dumps(document | {"speed": 1}), "p.json")
    del document["batch"]
    with pytest.raises(ProfileError, match="batch missing"):
        parse_profile(json.dumps(document), "p.json")


def test_prompts_are_cut_into_chunks_of_the_budget(quick: Profile) -> None:
    scheduler = Scheduler(quick)
    scheduler.add(sequence(1200, 3))

    durations = play(scheduler)

    # 512 + 512 + 176 prompt tokens, the last of which gives the first token; then two decode steps.
    assert durations == pytest.approx([4 + 5.12, 4 + 5.12, 4 + 1.76, 4, 4])


def test_a_batch_has_no_more_seats_than_it_has(quick: Profile) -> None:
    scheduler = Scheduler(quick)
    for _ in range(7):
        scheduler.add(sequence(10, 5))

    scheduler.next_step(0.0)

    assert (len(scheduler.running), len(scheduler.waiting)) == (4, 3)


def test_without_cache_the_youngest_is_preempted_and_still_ends(quick: Profile) -> None:
    scheduler = Scheduler(dataclasses.replace(quick, kv_capacity_tokens=10 * BLOCK))
    three = [sequence(40, 60) for _ in range(3)]
    for one in three:
        scheduler.add(one)

    play(scheduler)

    assert all(one.done and one.generated == 60 for one in three)
    assert scheduler.preemptions >= 1
    assert three[0].preemptions == 0
    assert scheduler.free_blocks == scheduler.blocks


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 80)), min_size=1, max_size=12),
    st.integers(25, 100),
    st.integers(1, 600),
)
def test_every_sequence_gets_its_tokens_whatever_the_limits(
    shapes: list[tuple[int, int]], blocks: int, budget: int
) -> None:
    profile = dataclasses.replace(
        default_profile(), kv_capacity_tokens=blocks * BLOCK, max_num_batched_tokens=budget, max_num_seqs=5
    )
    scheduler = Scheduler(profile)
    sequences = [sequence(prompt, output) for prompt, output in shapes]
    for one in sequences:
        scheduler.add(one)

    play(scheduler)

    assert [one.generated for one in sequences] == [output for _, output in shapes]
    assert scheduler.free_blocks == scheduler.blocks and not scheduler.running and not scheduler.waiting


def test_an_aborted_sequence_gives_its_cache_back(quick: Profile) -> None:
    scheduler = Scheduler(quick)
    one, two = sequence(100, 50), sequence(100, 50)
    scheduler.add(one)
    scheduler.add(two)
    step = scheduler.next_step(0.0)
    assert step is not None

    scheduler.abort(one)

    assert scheduler.complete(step) == [two]
    assert scheduler.running == [two]
    assert scheduler.blocks - scheduler.free_blocks == two.blocks
