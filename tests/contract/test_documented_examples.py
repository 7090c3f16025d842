"""The Python examples of README and docs run as they stand, a page's blocks one after the other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PAGES = [path for path in DOCUMENTS if BLOCK.search(path.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_examples_of_a_page_run(page: Path) -> None:
    program = "\n".join(BLOCK.findall(page.read_text()))

    exec(compile(program, page.name, "exec"), {})


def test_the_library_and_the_readme_have_examples() -> None:
    assert {"README.md", "library.md"} <= {page.name for page in PAGES}
