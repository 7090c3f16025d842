"""Formats of the weights, engines, degrees, providers and pricing."""

import pytest

from agent.intent import understand

MODEL = "Qwen3-32B on 2 L40S for 30 people"


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("fp8", "fp8"),
        ("FP-8 weights", "fp8"),
        ("8-bit", "int8"),
        ("in 8 bit", "int8"),
        ("int8", "int8"),
        ("w8a8", "int8"),
        ("GPTQ 8bit", "int8"),
        ("AWQ", "int4"),
        ("gptq", "int4"),
        ("4bit", "int4"),
        ("4-bit quant", "int4"),
        ("INT4", "int4"),
        ("w4a16", "int4"),
        ("Q4_K_M", "int4"),
        ("NVFP4", "nvfp4"),
        ("mxfp4", "mxfp4"),
        ("bf16", "bf16"),
        ("fp16", "bf16"),
        ("full precision", "bf16"),
        ("without quantization", "bf16"),
        ("unquantised", "bf16"),
        ("ohne Quantisierung", "bf16"),
        ("sans quantification", "bf16"),
        ("sin cuantización", "bf16"),
        ("senza quantizzazione", "bf16"),
        ("with fp8 KV cache", None),
        ("a 64-bit operating system", None),
    ],
)
def test_the_format_of_the_weights(text: str, precision: str | None) -> None:
    assert understand([f"{MODEL}, {text}"]).precision == precision


@pytest.mark.parametrize(
    ("text", "model", "precision"),
    [
        ("Qwen3-14B-AWQ on one L4", "Qwen/Qwen3-14B", "int4"),
        ("GLM-4.7-FP8 on 8 H200", "glm-4.7", "fp8"),
        ("Llama-3.3-70B-Instruct-quantized.w8a8 on 2 H100", "meta-llama/Llama-3.3-70B-Instruct", "int8"),
        ("Llama-3.3-70B-Instruct-w8a8 on 2 H100", "meta-llama/Llama-3.3-70B-Instruct", "int8"),
        ("Qwen3-32B-NVFP4 on a B200", "Qwen/Qwen3-32B", "nvfp4"),
        ("Qwen3-30B-A3B-GPTQ-Int4 on one L40S", "Qwen/Qwen3-30B-A3B", "int4"),
    ],
)
def test_a_checkpoint_named_with_its_format(text: str, model: str, precision: str) -> None:
    intent = understand([text])

    assert (intent.preferred_models, intent.precision) == ((model,), precision)


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("with vLLM", "vllm"),
        ("SGLang", "sglang"),
        ("through TensorRT-LLM", "tensorrt-llm"),
        ("trtllm", "tensorrt-llm"),
        ("TGI", "tgi"),
        ("ollama", "ollama"),
        ("llama.cpp", "llama.cpp"),
        ("lmdeploy", "lmdeploy"),
        ("not vLLM but SGLang", "sglang"),
        ("no Ollama, please", None),
    ],
)
def test_the_engine(text: str, engine: str | None) -> None:
    intent = understand([f"{MODEL}, {text}"])

    assert intent.engine == engine
    assert intent.preferred_models == ("Qwen/Qwen3-32B",)


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("TP8", 8),
        ("TP=2", 2),
        ("tp 4", 4),
        ("tensor parallel 4", 4),
        ("tensor parallel size 2", 2),
        ("4-way tensor parallelism", 4),
    ],
)
def test_the_degree_of_tensor_parallelism(text: str, degree: int) -> None:
    assert understand([f"Llama 3.3 70B on 8 H100, {text}"]).tensor_parallel == degree


@pytest.mark.parametrize(
    ("text", "provider", "pricing"),
    [
        ("on AWS, spot", "aws", "spot"),
        ("Azure, reserved instances", "azure", "reserved"),
        ("GCP without spot", "gcp", "on-demand"),
        ("no spot", None, "on-demand"),
        ("on-demand only", None, "on-demand"),
        ("keine Spot-Instanzen", None, "on-demand"),
        ("pas de spot", None, "on-demand"),
        ("sin spot", None, "on-demand"),
        ("it has to spot errors in texts", None, None),
        ("in Google Cloud", "gcp", None),
        ("Oracle Cloud", "oracle", None),
    ],
)
def test_provider_and_pricing(text: str, provider: str | None, pricing: str | None) -> None:
    intent = understand([f"Qwen3-14B for 300 people, {text}"])

    assert (intent.provider, intent.pricing) == (provider, pricing)


@pytest.mark.parametrize("text", ["Exactly 3 GPUs, tensor parallel 2", "2 H100 with TP4", "TP8 on 4 L40S"])
def test_a_degree_that_the_gpus_do_not_give_is_asked_about(text: str) -> None:
    question = understand([f"Llama 3.3 70B. {text}."]).question

    assert question is not None
    assert question.kind == "contradiction"
