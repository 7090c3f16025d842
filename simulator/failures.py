"""Failures on purpose, so that clients can be tried: by rate and kind, or for one request by header."""

import random
from dataclasses import dataclass

HEADER = "x-return-error"


@dataclass(frozen=True)
class Failure:
    """What a client gets in place of an answer."""

    status: int
    kind: str
    message: str


WHOLE = {
    "rate_limit": Failure(429, "RateLimitError", "Too many requests (a failure on purpose)."),
    "invalid_api_key": Failure(401, "AuthenticationError", "The API key is wrong (a failure on purpose)."),
    "context_length": Failure(400, "BadRequestError", "The maximum context length is exceeded (on purpose)."),
    "invalid_request": Failure(400, "BadRequestError", "The request is invalid (a failure on purpose)."),
    "model_not_found": Failure(404, "NotFoundError", "The model does not exist (a failure on purpose)."),
    "server_error": Failure(500, "InternalServerError", "The engine failed (a failure on purpose)."),
    "overloaded": Failure(503, "Service Unavailable", "The engine is busy (a failure on purpose)."),
}
IN_STREAM = ("stream_error", "disconnect")
"""An error event after the first token, or a cut connection."""
KINDS = (*WHOLE, *IN_STREAM)


class Failures:
    """Which requests fail, and how."""

    def __init__(self, rate_percent: float, kinds: tuple[str, ...], seed: int) -> None:
        self.rate = rate_percent / 100
        self.kinds = kinds or tuple(WHOLE)
        self._draw = random.Random(f"failures/{seed}")

    def of(self, header: str | None) -> str | None:
        """The kind of failure of one request, or None; the header wins."""
        if header:
            return header.strip().lower()
        if self.rate and self._draw.random() < self.rate:
            return self._draw.choice(self.kinds)
        return None


def whole_failure(kind: str) -> Failure:
    """The answer for a kind, or for a bare status such as 429.

    Raises:
        KeyError: neither a kind nor a status of an error.
    """
    if kind.isdigit() and 400 <= int(kind) <= 599:
        known = next((failure for failure in WHOLE.values() if failure.status == int(kind)), None)
        return known or Failure(int(kind), "InjectedError", f"Status {kind} (a failure on purpose).")
    return WHOLE[kind]
