"""The offline engine: answers by rules, with the same tools and without a language model."""

from agent.offline.engine import NAME, PREFACE, OfflineModel

__all__ = ["NAME", "PREFACE", "OfflineModel"]
