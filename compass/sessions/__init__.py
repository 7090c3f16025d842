"""Sessions of agents and conversations on a real prefix cache, by discrete-event simulation."""

from compass.sessions.engine import HostTier, Turn
from compass.sessions.generated import GeneratedSessions
from compass.sessions.simulation import Routing, SessionRun, simulate_turns

__all__ = ["GeneratedSessions", "HostTier", "Routing", "SessionRun", "Turn", "simulate_turns"]
