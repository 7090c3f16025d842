"""A server that speaks vLLM's HTTP API and metrics, and takes its time like a planned engine."""

from simulator.profile import Profile, ProfileError, read_profile

__all__ = ["Profile", "ProfileError", "read_profile"]
