"""Engines in real time: steps begin and end on the event loop's clock."""

import asyncio
from collections.abc import Sequence

from simulator.metrics import EngineMetrics
from simulator.scheduler import Scheduler, Step
from simulator.scheduler import Sequence as Answer
from simulator.settings import Settings

# Timers fire up to a millisecond late, so the next step begins when the last one should have ended. A longer
# delay means that this machine is too slow: that time is not caught up in a burst, it is counted as late.
CATCH_UP_S = 0.05


class Engine:
    """One replica."""

    def __init__(self, settings: Settings, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self.profile = settings.profile
        self.scheduler = Scheduler(settings.profile)
        self.metrics = EngineMetrics(settings.name, number, self.scheduler, settings.buckets)
        self.late_s = 0.0
        self._loop = loop
        self._step: Step | None = None
        self._due = 0.0
        self._waking = False
        self._arriving: dict[Answer, asyncio.TimerHandle] = {}

    @property
    def load(self) -> int:
        """Sequences that are here and have not ended."""
        return len(self._arriving) + self.queued + len(self.scheduler.running)

    @property
    def queued(self) -> int:
        """Sequences that wait for a seat."""
        return len(self.scheduler.waiting)

    def submit(self, answer: Answer) -> None:
        """Take a sequence; it joins the queue after the overhead of a request."""
        ready = answer.arrived + self.profile.request_overhead_ms / 1000
        self._arriving[answer] = self._loop.call_at(ready, self._enqueue, answer)

    def abort(self, answer: Answer) -> None:
        """Stop a sequence: its client has gone, or the server stops."""
        if answer.done:
            return
        if timer := self._arriving.pop(answer, None):
            timer.cancel()
        self.scheduler.abort(answer)
        self.metrics.end(answer, self._loop.time())

    def _enqueue(self, answer: Answer) -> None:
        del self._arriving[answer]
        answer.queued = self._loop.time()
        self.scheduler.add(answer)
        if self._step is None and not self._waking:
            # The siblings of one request arrive in the same turn of the loop and share the first step.
            self._waking = True
            self._loop.call_soon(self._wake, answer.queued)

    def _wake(self, start: float) -> None:
        self._waking = False
        if self._step is None:
            self._begin(start)

    def _begin(self, start: float) -> None:
        self._step = self.scheduler.next_step(start)
        if self._step is not None:
            self._due = start + self._step.duration_ms / 1000
            self._loop.call_at(self._due, self._end)

    def _end(self) -> None:
        now = self._loop.time()
        step = self._step
        assert step is not None
        emitted = self.scheduler.complete(step)
        self.metrics.step(step, emitted, now)
        for answer in emitted:
            if answer.done:
                self.metrics.end(answer, now)
            answer.sink.token(answer, answer.done)
        start = self._due
        if now - start > CATCH_UP_S:
            self.late_s += now - start
            start = now
        self._begin(start)


class Fleet:
    """The replicas behind one address; a request goes to the one with the least to do."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.engines = engines

    def least_loaded(self) -> Engine:
        """As vLLM's data-parallel balancer: fewest unfinished requests."""
        return min(self.engines, key=lambda engine: engine.load)

    @property
    def queued(self) -> int:
        """Waiting sequences of all engines."""
        return sum(engine.queued for engine in self.engines)

    def queue_with(self, more: int) -> int:
        """The queue if so many more came: those on their way to it count, free seats do not queue."""
        load = sum(engine.load for engine in self.engines)
        seats = sum(engine.profile.max_num_seqs for engine in self.engines)
        return max(load + more - seats, self.queued + more if self.queued else 0)

    @property
    def late_s(self) -> float:
        """Seconds that this machine could not keep up."""
        return sum(engine.late_s for engine in self.engines)
