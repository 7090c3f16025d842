"""Sessions of agents and conversations on a real prefix cache, by discrete-event simulation."""

from compass.sessions.engine import HostTier, Turn
from compass.sessions.generated import GeneratedSessions
from compass.sessions.simulation import BLOCK_TOKENS, Routing, SessionRun, simulate_turns
from compass.sessions.trace import TRACE_BLOCK, TracedTurns, read_turns

__all__ = [
    "BLOCK_TOKENS",
    "TRACE_BLOCK",
    "GeneratedSessions",
    "HostTier",
    "Routing",
    "SessionRun",
    "TracedTurns",
    "Turn",
    "read_turns",
    "simulate_turns",
]
