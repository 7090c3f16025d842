import subprocess
import sys

import agent


def test_every_public_name_can_be_imported() -> None:
    assert "Conversation" in agent.__all__
    assert all(getattr(agent, name) is not None for name in agent.__all__)


def test_importing_the_package_loads_no_client_of_language_models() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import agent, sys; print(*sys.modules)"], capture_output=True, text=True
    ).stdout.split()

    assert "agent" in loaded and "pydantic_ai" not in loaded
