"""JSON of answers, with the keys that vLLM 0.33 sends."""

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zlib import crc32

from simulator.settings import VERSION

NULLS = {"prompt_logprobs": None, "prompt_token_ids": None, "prompt_text": None}
TRANSFER = {"kv_transfer_params": None, "ec_transfer_params": None, "metrics": None}


def compact(document: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def event(document: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + compact(document) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def usage(prompt: int, generated: int) -> dict[str, Any]:
    """Tokens of a request."""
    return {
        "prompt_tokens": prompt,
        "total_tokens": prompt + generated,
        "completion_tokens": generated,
        "prompt_tokens_details": None,
    }


@dataclass(frozen=True)
class Shape:
    """The differences between the two endpoints, and what all chunks of one answer share."""

    chat: bool
    model: str
    fingerprint: str
    id: str
    created: int

    @classmethod
    def of(cls, chat: bool, model: str, fingerprint: str) -> "Shape":
        """A new answer."""
        prefix = "chatcmpl" if chat else "cmpl"
        return cls(chat, model, fingerprint, f"{prefix}-{uuid4().hex}", int(time.time()))

    def head(self, streamed: bool) -> dict[str, Any]:
        """`id`, `object`, `created`, `model`."""
        kind = (
            ("chat.completion.chunk" if streamed else "chat.completion") if self.chat else "text_completion"
        )
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def whole(self, choices: list[dict[str, Any]], used: dict[str, Any]) -> bytes:
        """The answer that is not streamed."""
        return compact(
            {
                **self.head(streamed=False),
                "choices": choices,
                "service_tier": None,
                "system_fingerprint": self.fingerprint,
                "usage": used,
                **(NULLS if self.chat else {}),
                **TRANSFER,
            }
        )

    def choice(self, index: int, text: str, finish: str, stop: str | None) -> dict[str, Any]:
        """One choice of the answer that is not streamed."""
        ending = {"logprobs": None, "finish_reason": finish, "stop_reason": stop, "token_ids": None}
        if not self.chat:
            nulls = {"prompt_logprobs": None, "prompt_token_ids": None}
            return {"index": index, "text": text, **ending, **nulls}
        message = {
            "role": "assistant",
            "content": text,
            "refusal": None,
            "annotations": None,
            "audio": None,
            "function_call": None,
            "reasoning": None,
        }
        return {"index": index, "message": message, **ending, "routed_experts": None, "weight_versions": None}

    def first(self, index: int, used: dict[str, Any] | None) -> bytes:
        """The chunk with the role that opens a chat choice."""
        choice = {
            "index": index,
            "delta": {"role": "assistant", "content": ""},
            "logprobs": None,
            "finish_reason": None,
        }
        more = {"prompt_token_ids": None, "prompt_text": None} | ({} if used is None else {"usage": used})
        return event({**self.head(streamed=True), "choices": [choice], **more})

    def around(self, index: int) -> tuple[bytes, bytes]:
        """What stands before and after the JSON text of a token in its event, without usage."""
        mark = "\u0000"
        delta = {"delta": {"content": mark}} if self.chat else {"text": mark}
        ending = {"logprobs": None, "finish_reason": None}
        ending |= {"token_ids": None} if self.chat else {"stop_reason": None, "token_ids": None}
        whole = event({**self.head(streamed=True), "choices": [{"index": index, **delta, **ending}]})
        before, _, after = whole.partition(compact(mark))
        return before, after

    def last(
        self, index: int, text: str, finish: str, stop: str | None, used: dict[str, Any] | None, end: bool
    ) -> bytes:
        """The last token and why it is the last; `end` when no usage chunk follows."""
        delta = {"delta": {"content": text}} if self.chat else {"text": text}
        ending = {"logprobs": None, "finish_reason": finish, "stop_reason": stop, "token_ids": None}
        more = ({"system_fingerprint": self.fingerprint} if end else {}) | (
            {} if used is None else {"usage": used}
        )
        return event({**self.head(streamed=True), "choices": [{"index": index, **delta, **ending}], **more})

    def usage_chunk(self, used: dict[str, Any]) -> bytes:
        """The chunk without choices that `include_usage` asks for."""
        filled = {name: value for name, value in used.items() if value is not None}
        return event(
            {
                **self.head(streamed=True),
                "choices": [],
                "usage": filled,
                "system_fingerprint": self.fingerprint,
            }
        )


def models(names: tuple[str, ...], root: str, max_model_len: int, created: int) -> dict[str, Any]:
    """The list of /v1/models."""
    permission = {
        "id": f"modelperm-{uuid4().hex}",
        "object": "model_permission",
        "created": created,
        "allow_create_engine": False,
        "allow_sampling": True,
        "allow_logprobs": True,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
    data = [
        {
            "id": name,
            "object": "model",
            "created": created,
            "owned_by": "vllm",
            "root": root,
            "parent": None,
            "max_model_len": max_model_len,
            "permission": [permission],
        }
        for name in names
    ]
    return {"object": "list", "data": data}


def fingerprint(model: str) -> str:
    """`vllm-<version>-<8 hex>`; "sim" says what answered."""
    return f"vllm-{VERSION}-sim-{crc32(model.encode()):08x}"
