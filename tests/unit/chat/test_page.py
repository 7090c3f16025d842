"""The page: nothing in it points elsewhere."""

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from chat.page import SecurityHeaders, build_page, chainlit_folder


def test_the_built_page_names_no_foreign_host(tmp_path: Path) -> None:
    build_page(tmp_path)
    build_page(tmp_path)

    page = (tmp_path / "build" / "index.html").read_text()
    assert "https://" not in page
    for path in re.findall(r'"(/assets/[^"]+)"', page):
        assert (tmp_path / "build" / path.lstrip("/")).is_file()
    assert "https://" in (chainlit_folder() / "frontend/dist/index.html").read_text(), "else this is needless"


def test_every_answer_forbids_foreign_hosts_and_hashed_files_are_kept() -> None:
    async def hello(request: object) -> PlainTextResponse:
        return PlainTextResponse("hello")

    app = Starlette(routes=[Route("/", hello), Route("/assets/a.js", hello)])
    client = TestClient(SecurityHeaders(app))

    assert "default-src 'self'" in client.get("/").headers["content-security-policy"]
    assert "cache-control" not in client.get("/").headers
    assert "immutable" in client.get("/assets/a.js").headers["cache-control"]
