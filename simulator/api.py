"""The endpoints of vLLM's server that a simulator can answer."""

import asyncio
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from simulator import answers, requests, tokens
from simulator.answers import Shape
from simulator.connection import Connection, Request, error_body
from simulator.engine import Engine, Fleet
from simulator.exchange import Exchange
from simulator.failures import HEADER, IN_STREAM, Failures, whole_failure
from simulator.metrics import ServerMetrics
from simulator.requests import BadRequest, Generation, Prompt
from simulator.settings import VERSION, Settings

GUARDED = ("/v1", "/v2", "/inference", "/cohere")
NOT_COUNTED = ("/metrics", "/health", "/load", "/ping", "/version")

Endpoint = Callable[[Request, Connection], None]


class Api:
    """Routes requests, and knows which are under way."""

    def __init__(self, settings: Settings) -> None:
        loop = asyncio.get_running_loop()
        self.settings = settings
        self.loop = loop
        self.fleet = Fleet([Engine(settings, number, loop) for number in range(settings.replicas)])
        self.metrics = ServerMetrics(settings.name, [engine.metrics for engine in self.fleet.engines])
        self.exchanges: set[Exchange] = set()
        self.created = int(time.time())
        self.fingerprint = answers.fingerprint(settings.name)
        self.failures = Failures(settings.failure_rate, settings.failure_kinds, settings.seed)
        self.context = self.fleet.engines[0].scheduler.context_limit
        self.routes: dict[str, dict[str, Endpoint]] = {
            "/health": {"GET": self.health},
            "/ping": {"GET": self.health, "POST": self.health},
            "/version": {"GET": lambda request, to: to.respond_json(200, {"version": VERSION})},
            "/load": {"GET": lambda request, to: to.respond_json(200, {"server_load": len(self.exchanges)})},
            "/metrics": {"GET": self.show_metrics},
            "/v1/models": {"GET": self.models},
            "/v1/chat/completions": {"POST": self.chat},
            "/v1/completions": {"POST": self.completion},
            "/tokenize": {"POST": self.tokenize},
            "/detokenize": {"POST": self.detokenize},
        }

    def handle(self, request: Request, to: Connection) -> None:
        """Answer a request, now or token by token."""
        endpoints = self.routes.get(request.path)
        status = 200
        try:
            if not self.allowed(request):
                status = 401
                to.respond_json(401, {"error": "Unauthorized"})
            elif endpoints is None:
                status = 404
                to.respond_json(404, {"detail": "Not Found"})
            elif request.method not in endpoints:
                status = 405
                to.respond_json(405, {"detail": "Method Not Allowed"}, allow=", ".join(endpoints))
            else:
                endpoints[request.method](request, to)
        except BadRequest as error:
            status = error.status
            to.respond_json(status, error_body(status, error.message, error.kind, error.param))
        if request.path not in NOT_COUNTED:
            handler = request.path if endpoints else "none"
            self.metrics.answered(handler, request.method, status)

    def allowed(self, request: Request) -> bool:
        """Whether the key is right, where one is asked for."""
        key = self.settings.api_key
        if key is None or request.method == "OPTIONS" or not request.path.startswith(GUARDED):
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), key.encode())

    def health(self, request: Request, to: Connection) -> None:
        """Alive, with an empty body."""
        to.respond(200, b"")

    def show_metrics(self, request: Request, to: Connection) -> None:
        """The Prometheus page."""
        self.metrics.late.value = self.fleet.late_s
        to.respond(200, self.metrics.text().encode(), "text/plain; version=1.0.0; charset=utf-8")

    def models(self, request: Request, to: Connection) -> None:
        """The served names."""
        names, root = self.settings.served_names, self.settings.model
        to.respond_json(200, answers.models(names, root, self.context, self.created))

    def chat(self, request: Request, to: Connection) -> None:
        """POST /v1/chat/completions."""
        body = requests.read_body(request.body, request.headers.get("content-type", ""))
        self.check_model(body)
        self.generate(request, requests.chat(body), True, to)

    def completion(self, request: Request, to: Connection) -> None:
        """POST /v1/completions."""
        body = requests.read_body(request.body, request.headers.get("content-type", ""))
        self.check_model(body)
        self.generate(request, requests.completion(body), False, to)

    def check_model(self, body: requests.Body) -> None:
        """The model is one of ours, or not named."""
        name = body.get("model")
        if name is not None and not isinstance(name, str):
            raise requests.wrong("model", "Input should be a valid string")
        if name and name not in self.settings.served_names:
            raise BadRequest(f"The model `{name}` does not exist.", "model", status=404, kind="NotFoundError")

    def generate(self, request: Request, asked: Generation, chat: bool, to: Connection) -> None:
        """Check the lengths and the queue, then begin."""
        failure = self.failure(request)
        limits = tuple(self.limit(asked, prompt) for prompt in asked.prompts)
        self.refuse_full_queue(len(limits) * asked.n)
        engine = self.fleet.least_loaded()
        shape = Shape.of(chat, self.settings.name, self.fingerprint)
        exchange = Exchange(
            to, engine, asked, shape, self.settings.seed, limits, failure, self.exchanges.discard
        )
        self.exchanges.add(exchange)
        engine.metrics.parameters(max(limits), asked.n)
        exchange.begin(self.loop.time())

    def failure(self, request: Request) -> str | None:
        """The failure of this request: a whole one is raised, one within the stream is returned."""
        kind = self.failures.of(request.headers.get(HEADER))
        if kind is None or kind in IN_STREAM:
            return kind
        try:
            whole = whole_failure(kind)
        except KeyError:
            raise BadRequest(f"X-Return-Error: {kind!r} is not known.", "x-return-error") from None
        raise BadRequest(whole.message, status=whole.status, kind=whole.kind)

    def limit(self, asked: Generation, prompt: Prompt) -> int:
        """Tokens of the answer: what was asked, cut to what the context leaves, as vLLM does."""
        context = self.context
        if asked.max_tokens is not None and asked.max_tokens > context:
            raise BadRequest(
                f"{asked.max_tokens_field}={asked.max_tokens} cannot be greater than "
                f"max_model_len={context}.",
                asked.max_tokens_field,
            )
        room = context - prompt.tokens
        if room < 0:
            raise BadRequest(
                f"This model's maximum context length is {context} tokens, "
                f"but the prompt has {prompt.tokens}.",
                "input_tokens",
            )
        if room == 0:
            raise BadRequest(
                f"The prompt fills the maximum context length of {context} tokens: "
                "no room for 1 output token.",
                asked.max_tokens_field,
            )
        if asked.max_tokens is not None:
            return min(asked.max_tokens, room)
        natural = room if asked.ignore_eos else max(self.settings.output_tokens, asked.min_tokens)
        return min(natural, room)

    def refuse_full_queue(self, more: int) -> None:
        """503 when the queue would grow beyond its limit."""
        limit = self.settings.max_queued
        if limit is None:
            return
        if self.fleet.queue_with(more) > limit:
            self.metrics.rejected.value += 1
            raise BadRequest(
                f"The engine is busy: {self.fleet.queued} requests wait, the limit is {limit}. "
                "Try another instance, or later.",
                status=503,
                kind="Service Unavailable",
            )

    def tokenize(self, request: Request, to: Connection) -> None:
        """POST /tokenize."""
        body = requests.read_body(request.body, request.headers.get("content-type", ""))
        self.check_model(body)
        text = requests.conversation(body) if "messages" in body else body.get("prompt")
        if not isinstance(text, str):
            raise requests.wrong(
                "prompt", "Field required" if text is None else "Input should be a valid string"
            )
        ids = tokens.encode(text)
        strings = tokens.pieces(text) if requests.flag(body, "return_token_strs") else None
        to.respond_json(
            200,
            {"count": len(ids), "max_model_len": self.context, "tokens": ids, "token_strs": strings},
        )

    def detokenize(self, request: Request, to: Connection) -> None:
        """POST /detokenize."""
        body = requests.read_body(request.body, request.headers.get("content-type", ""))
        self.check_model(body)
        ids: Any = body.get("tokens")
        if not isinstance(ids, list) or not requests.is_ids(ids):
            raise requests.wrong("tokens", "Field required" if ids is None else "token ids are needed")
        to.respond_json(200, {"prompt": tokens.decode(ids)})


def log(event: str, **values: object) -> None:
    """One line of JSON on stdout."""
    print(json.dumps({"event": event, **values}), flush=True)
