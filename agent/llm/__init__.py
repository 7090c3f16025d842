"""Language models: which one answers, how it is asked, and the repair of what it gives.

`__init__.pyi` lists what it offers. A name is imported at its first use: the offline engine needs only one.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
