"""Chainlit writes its configuration where it is imported: not into the repository."""

import os
import tempfile

os.environ.setdefault("CHAINLIT_APP_ROOT", tempfile.mkdtemp(prefix="compass-chainlit-"))
