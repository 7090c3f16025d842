"""Compass as a library: plans, estimates and capacities of deployments of open language models.

`__init__.pyi` lists what it offers, and docs/library.md shows it. A name is imported at its first use, so
that a command that plans nothing does not load what plans.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
