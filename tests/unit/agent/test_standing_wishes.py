"""Standing wishes of a conversation, a form's settings for example, act as values and never as words."""

import pytest

from agent import Answer, Conversation
from agent.intent import understand
from agent.turn_state import Place
from compass.catalog import Catalog
from compass.planning import Plan, Wishes, specify
from tools.toolbox import Toolbox

CHATBOT = "a support chatbot for 5,000 users, answers must start within 300 ms"


async def planned(box: Toolbox, standing: Wishes, *texts: str) -> Plan:
    conversation = await Conversation.open(box, standing=standing)
    answers = [await conversation.say(text) for text in texts]
    return latest_plan(answers[-1])


def latest_plan(answer: Answer) -> Plan:
    plan = answer.results[-1]
    assert isinstance(plan, Plan)
    return plan


def test_a_price_of_any_gpu_changes_prices_and_nothing_else(catalog: Catalog) -> None:
    intent = understand([CHATBOT])
    without = specify(catalog, intent.over(Wishes())).model_dump()

    for gpu in catalog.gpus:
        priced = specify(catalog, intent.over(Wishes(gpu_prices=(f"{gpu.name}=0.50",)))).model_dump()

        changed = {name for name, value in priced.items() if value != without[name]}
        assert changed == {"gpu_prices", "wishes"}, gpu.name
        assert priced["gpu_prices"] == {gpu.name: 0.5}


async def test_a_set_price_restricts_no_plan_to_its_gpu(toolbox: Toolbox) -> None:
    plain = await planned(toolbox, Wishes(), CHATBOT)
    priced = await planned(toolbox, Wishes(gpu_prices=("A10G=40",)), CHATBOT)

    assert priced.specification.preferred_gpu_types == ()
    assert priced.considered == plain.considered
    assert priced.options[0].model == plain.options[0].model
    assert priced.options[0].usd_per_month == plain.options[0].usd_per_month


async def test_a_message_wins_over_what_is_set(toolbox: Toolbox) -> None:
    standing = Wishes(provider="aws", gpu_prices=("L4=0.50",))

    plan = await planned(toolbox, standing, CHATBOT, "on gcp please, L4=0.70")

    assert plan.specification.provider == "gcp"
    assert plan.specification.gpu_prices == {"L4": 0.7}


async def test_a_changed_setting_makes_a_new_plan_of_the_same_words(toolbox: Toolbox) -> None:
    first = await Conversation.open(toolbox)
    await first.say(CHATBOT)
    again = await Conversation.open(toolbox, first.identifier, standing=Wishes(gpu_prices=("L4=0.05",)))
    after = await again.say(CHATBOT)

    assert [name for name, _ in after.calls] == ["map_slo", "plan_replicas"]
    assert latest_plan(after).specification.gpu_prices == {"L4": 0.05}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Place(), Place(target="kubernetes", namespace="team")),
        (Place(target="local"), Place(target="local", namespace="team")),
        (Place(namespace="other"), Place(target="kubernetes", namespace="other")),
    ],
)
def test_a_place_that_is_said_wins_over_the_standing_one(said: Place, expected: Place) -> None:
    assert said.over(Place(target="kubernetes", namespace="team")) == expected
