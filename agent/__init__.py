"""The conversation: model choice, intent, offline engine, the loop that answers.

`__init__.pyi` lists what it offers. A name is imported at its first use, so that reading an intent does not
load the clients of language models.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
