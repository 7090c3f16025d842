"""Short outages of a Kubernetes API server: the error that means one, and a read that waits them out."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from compass.core import Unavailable
from compass.serving.types import Progress

if TYPE_CHECKING:
    from tenacity import RetryCallState

Found = TypeVar("Found")

OUTAGE_S = 300.0
"""A control plane restarts, or its store elects a leader, within minutes."""
PAUSE_S = 15.0
"""The longest pause between two attempts."""


class Outage(Unavailable):
    """The API server does not answer, or says that it cannot now; it may a moment later."""


async def read_through_outages(read: Callable[[], Found], pause_s: float, progress: Progress) -> Found:
    """Call a blocking read in a thread until the API server answers, with pauses that double from `pause_s`.

    Raises:
        Outage: it has not answered for `OUTAGE_S` seconds.
    """
    # Late: only a wait for a cluster needs it.
    from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential

    def tell(state: "RetryCallState") -> None:
        if state.attempt_number == 1 and state.outcome:
            progress(f"{state.outcome.exception()} Trying again for up to {OUTAGE_S / 60:.0f} minutes.")

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(Outage),
        wait=wait_exponential(multiplier=pause_s, max=PAUSE_S),
        stop=stop_after_delay(OUTAGE_S),
        before_sleep=tell,
        reraise=True,
    )
    return await retrying(asyncio.to_thread, read)
