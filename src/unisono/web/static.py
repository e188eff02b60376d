"""The built client: its files, and its page for every other path."""

import asyncio
import mimetypes
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException

from unisono.web.headers import policy

CLIENT: Final = Path(__file__).parent / "client"
NONCE: Final = "__CSP_NONCE__"
_NOT_OURS: Final = ("api", "metrics", "healthz", "phonebooks", "carddav")
_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_NOT_BUILT: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Unisono</title></head><body>
<h1>The client has not been built</h1>
<p>The server runs, but the pages are missing from this installation. In a checkout run <code>script/setup</code>,
or <code>python hatch_build.py</code>, and load this page again. An installed package always has them: install it again.</p>
<p>The interface for programs works: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p></body></html>"""

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True, slots=True)
class ClientFile:
    """A file to send as it is; `packed` where the gzip lies beside it."""

    path: Path
    media_type: str
    packed: bool
    immutable: bool


def find(folder: Path, wanted: str) -> ClientFile | None:
    """The client's file of this path, never one outside the folder; None where there is none."""
    hidden = any(part.startswith(".") for part in Path(wanted).parts)
    try:
        path = (folder / wanted.lstrip("/")).resolve()
        if hidden or not path.is_relative_to(folder.resolve()) or path.suffix == ".gz" or not path.is_file():
            return None
    except (OSError, ValueError):
        return None  # no file can have this name: it is too long, or holds a zero
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packed = path.with_name(path.name + ".gz").is_file()
    # Vite puts a hash of the content into the names of everything below assets/.
    return ClientFile(path, media_type, packed, path.parent.name == "assets")


def send_file(file: ClientFile, accepts_gzip: bool) -> Response[bytes]:
    """The file, packed if the browser can unpack it."""
    packed = file.packed and accepts_gzip
    path = file.path.with_name(file.path.name + ".gz") if packed else file.path
    headers = {"cache-control": _IMMUTABLE if file.immutable else "no-cache", "vary": "accept-encoding"}
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(path.read_bytes(), media_type=file.media_type, headers=headers)


def send_page(folder: Path) -> Response[bytes]:
    """The client's page with a fresh nonce for its styles, or one that says that it has not been built."""
    index = folder / "index.html"
    page = index.read_text(encoding="utf-8") if index.is_file() else _NOT_BUILT
    nonce = secrets.token_urlsafe(16) if NONCE in page else ""
    return Response(
        page.replace(NONCE, nonce).encode(),
        media_type="text/html",  # the framework adds the charset
        headers={"content-security-policy": policy(nonce), "cache-control": "no-store"},
    )


def _serve(folder: Path, path: str, accepts_gzip: bool) -> Response[bytes]:
    file = find(folder, path) if path.strip("/") != "index.html" else None
    if file is None and path.startswith("/assets/"):
        raise NotFoundException(detail="There is no such file; the client is a newer one now.")
    return send_page(folder) if file is None else send_file(file, accepts_gzip)


def routes(folder: Path = CLIENT) -> list[Any]:
    """The handlers that serve the client from `folder`."""

    @get(["/", "/{path:path}"], include_in_schema=False)
    async def client(request: Request[Any, Any, Any]) -> Response[bytes]:
        path = request.scope["path"]
        if path.lstrip("/").partition("/")[0] in _NOT_OURS:
            raise NotFoundException(detail="There is no such route.")
        packed = "gzip" in request.headers.get("accept-encoding", "")
        return await asyncio.to_thread(_serve, folder, path, packed)

    return [client]
