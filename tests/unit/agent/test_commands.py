import time

import pytest

from agent.commands import read_command
from agent.evaluation import read_requests
from agent.intent import understand
from agent.mentioned_names import names_in
from compass.catalog import load_catalog


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("deploy it", "deploy"),
        ("Now deploy it please", "deploy"),
        ("could you deploy the balanced option?", "deploy"),
        ("run it on kubernetes", "deploy"),
        ("take the simplest", "deploy"),
        ("stelle es bereit", "deploy"),
        ("déploie-le", "deploy"),
        ("despliega lo más barato", "deploy"),
        ("I want to deploy a chatbot for 5000 users", "plan"),
        ("Deploy Llama 3.1 8B for 200 users", "plan"),
        ("use the cheapest GPUs", "plan"),
        ("use H100 instead", "plan"),
        ("what about H200 instead?", "plan"),
        ("no H100 please", "plan"),
        ("drop the GPU restriction", "plan"),
        ("make it 10,000 users", "plan"),
        ("how is it doing?", "status"),
        ("is it ready?", "status"),
        ("wie läuft es?", "status"),
        ("show me the yaml", "manifests"),
        ("why not H100?", "why_not"),
        ("warum nicht H100?", "why_not"),
        ("pourquoi pas H100 ?", "why_not"),
        ("explain", "explain"),
        ("how sure are you?", "sure"),
        ("can I trust this?", "sure"),
        ("wie sicher ist das?", "sure"),
        ("what are you assuming?", "assumptions"),
        ("what would change your mind?", "change"),
        ("cheaper", "better"),
        ("something faster please", "better"),
        ("günstiger bitte", "better"),
        ("moins cher s'il vous plaît", "better"),
        ("más barato", "better"),
        ("più veloce", "better"),
        ("mais barato", "better"),
        ("fewer GPUs", "better"),
        ("what's the cheapest?", "better"),
        ("which is most accurate?", "better"),
        ("a cheaper chatbot for 500 users", "plan"),
        ("compare the cheapest and the fastest", "compare"),
        ("H100 vs L40S", "compare"),
        ("how many GPUs do I need?", "recap"),
        ("how many GPUs do I need for a chatbot with 500 users?", "plan"),
        ("how much does it cost per year?", "recap"),
        ("which model do you recommend?", "recap"),
        ("what latency will I get?", "recap"),
        ("what does an H100 cost?", "prices"),
        ("prices", "prices"),
        ("which GPUs do you know?", "listing"),
        ("which models do you support?", "listing"),
        ("tell me about MI300X", "facts"),
        ("what is an L40S?", "facts"),
        ("what is TTFT?", "terms"),
        ("what does p95 mean?", "terms"),
        ("was ist TTFT?", "terms"),
        ("give me 3 options", "options"),
        ("the second option", "explain"),
        ("start over", "restart"),
        ("bye", "bye"),
        ("no latency target please", "plan"),
        ("no thanks", "decline"),
        ("don't deploy it", "decline"),
        ("which other options are there?", "options"),
        ("send it a prompt: Hello", "test"),
        ("ask it what the capital of France is", "test"),
        ("remove it", "undeploy"),
        ("tear it down", "undeploy"),
        ("lösche das deployment", "undeploy"),
        ("what benchmarks do you have for Llama on H100?", "benchmarks"),
        ("what targets do you use?", "targets"),
        ("yes", "agree"),
        ("no", "decline"),
        ("thanks!", "thanks"),
        ("help", "help"),
    ],
)
def test_the_action_of_a_message(text: str, action: str) -> None:
    assert read_command(text).action == action


def test_every_labelled_request_is_read_as_a_need() -> None:
    others = {
        text: action
        for entry in read_requests()
        for number, text in enumerate(entry.say)
        if (action := read_command(text, planned=number > 0).action) != "plan"
    }

    assert others == {"hello": "help", "tell me about the history of Rome": "facts"}


def test_a_question_about_a_plan_is_a_need_where_there_is_none() -> None:
    assert read_command("cheaper", planned=False).action == "plan"
    assert read_command("which model do you recommend?", planned=False).action == "plan"
    assert read_command("why is my llama so slow on 2 A10s", planned=False).action == "plan"
    assert read_command("why?", planned=False).action == "explain"


def test_a_subject_goes_on() -> None:
    assert read_command("and on B200?", subject="benchmarks").action == "benchmarks"
    assert read_command("and on B200?", subject="plan").action == "plan"
    assert read_command("what about H200 instead?", subject="benchmarks").action == "plan"


def test_a_place_in_the_list_is_that_option() -> None:
    assert read_command("deploy the second one").places == (2,)
    assert read_command("compare option 1 and option 3").places == (1, 3)
    assert read_command("first token within 300 ms").places == ()


def test_every_demonstration_is_a_need() -> None:
    assert {read_command(text).action for text in load_catalog().demonstrations} == {"plan"}


def test_what_a_command_adds() -> None:
    assert read_command("yes, deploy the cheapest").view == "lowest_cost"
    assert read_command("deploy option-7f3a on kubernetes").identifier == "option-7f3a"
    assert read_command("deploy option-7f3a on kubernetes").target == "kubernetes"
    assert read_command("send it a prompt: Who are you?").prompt == "Who are you?"
    assert read_command("test it").prompt


def test_a_long_message_is_read_quickly() -> None:
    began = time.perf_counter()
    for text in ("yes please " * 2000, "deploy the " * 2000, "$1 per hour " * 1700, "no " * 7000):
        read_command(text)
        understand([text])

    assert time.perf_counter() - began < 15


@pytest.mark.parametrize(
    ("text", "target", "namespace"),
    [
        ("deploy it to kubernetes, namespace team-a", "kubernetes", "team-a"),
        ("run it locally", "local", None),
        ("deploy it", None, None),
    ],
)
def test_where_to_deploy_is_part_of_a_command(text: str, target: str | None, namespace: str | None) -> None:
    command = read_command(text)

    assert (command.target, command.namespace) == (target, namespace)


@pytest.mark.parametrize(
    ("text", "gpus", "models"),
    [
        ("why not H100?", ("H100",), ()),
        ("why not llama 3.1 70b on A100-80GB?", ("A100-80GB",), ("llama 3.1 70b",)),
        ("why not a smaller model?", (), ()),
        ("why is it so expensive", (), ()),
        ("Why not mistral?", (), ("mistral",)),
    ],
)
def test_names_of_the_catalog(text: str, gpus: tuple[str, ...], models: tuple[str, ...]) -> None:
    assert names_in(text, load_catalog()) == (gpus, models)
