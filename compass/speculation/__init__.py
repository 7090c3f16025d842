"""Speculative decoding: what drafts for a model, what is accepted, what it costs and where it pays."""

from compass.speculation.acceptance import Acceptance, Found, find_acceptance, load_acceptance
from compass.speculation.choice import MOST_DRAFTS, methods_of, speculation_for, text_of, why_none
from compass.speculation.cost import Case, speculated, speculated_profile, speedups
from compass.speculation.drafters import drafter_of
from compass.speculation.engine import engine_config
from compass.speculation.payoff import LatencyWithSpeculation, latency_by_concurrency, pays_up_to
from compass.speculation.types import METHODS, Basis, Drafter, Method, SpeculationChoice, Text

__all__ = [
    "METHODS",
    "MOST_DRAFTS",
    "Acceptance",
    "Basis",
    "Case",
    "Drafter",
    "Found",
    "LatencyWithSpeculation",
    "Method",
    "SpeculationChoice",
    "Text",
    "drafter_of",
    "engine_config",
    "find_acceptance",
    "latency_by_concurrency",
    "load_acceptance",
    "methods_of",
    "pays_up_to",
    "speculated",
    "speculated_profile",
    "speculation_for",
    "speedups",
    "text_of",
    "why_none",
]
