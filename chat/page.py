"""The page itself: Chainlit's, without what it would fetch from elsewhere, and forbidden to fetch more."""

import re
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUILD = "build"
FOREIGN_LINK = re.compile(r"<link\b[^>]*https://[^>]*>")
# The charts' script is large: it is read while people write, not when the first plan is there.
EARLY = """<script>
window.addEventListener("load", () => (window.requestIdleCallback || setTimeout)(() => import("/assets/%s")))
</script>"""
# An answer may quote text from elsewhere: a picture in it must not report who reads it.
POLICY = "; ".join(
    (
        "default-src 'self'",
        # The cards are compiled in the page.
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        # A stored chart is its own address.
        "connect-src 'self' ws: wss: data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)


def chainlit_folder() -> Path:
    """Chainlit's own files; found and not imported, because its import fixes the folder of the app."""
    found = find_spec("chainlit")
    return Path(str(found and found.origin)).parent


def build_page(folder: Path) -> None:
    """Chainlit's page in `folder`/build, its fonts and formula styles from foreign hosts left out."""
    source, target = chainlit_folder() / "frontend" / "dist", folder / BUILD
    target.mkdir(parents=True, exist_ok=True)
    page = FOREIGN_LINK.sub("", (source / "index.html").read_text(encoding="utf-8"))
    page = page.replace("</body>", f"{EARLY % charts_script(source)}</body>")
    (target / "index.html").write_text(page, encoding="utf-8")
    assets = target / "assets"
    assets.unlink(missing_ok=True)
    assets.symlink_to(source / "assets", target_is_directory=True)


def charts_script(source: Path) -> str:
    """The name of the script that draws charts; it carries a hash."""
    return next((source / "assets").glob("react-plotly-*.js")).name


class SecurityHeaders:
    """The server with a content security policy on every answer, and files that browsers may keep."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                if scope["path"].startswith("/assets/"):
                    # Their names carry a hash of their content.
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
