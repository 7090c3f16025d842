"""Checks the figures in answers against what tools returned."""

from agent.grounding.check import unsupported_figures

__all__ = ["unsupported_figures"]
