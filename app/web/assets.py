"""The built assets: hashed names, sent compressed as they were built, kept by browsers for a year."""

from __future__ import annotations

import logging
import mimetypes
from functools import lru_cache
from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from app.errors import NotFound
from app.people.visit import AnyRequest

DIST = Path(__file__).parent / "dist"
FOREVER = "public, max-age=31536000, immutable"
log = logging.getLogger("selaras.web")

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    try:
        return msgspec.json.decode((DIST / "assets.json").read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        log.warning("web assets are not built: install the package, or run npm run build in frontend/")
        return {}


def built() -> bool:
    """False in a checkout whose assets were never built; every page says so then."""
    return bool(_names())


def asset(name: str) -> str:
    """The address of a built asset by its plain name."""
    return f"/static/{_names().get(name, name)}"


@lru_cache(maxsize=1)
def _there() -> frozenset[str]:
    """The files of the folder by their paths in it: whatever else is asked for never meets the disk."""
    files = (path.relative_to(DIST) for path in DIST.rglob("*") if path.is_file())
    return frozenset(str(file) for file in files if not any(part.startswith(".") for part in file.parts))


@lru_cache(maxsize=256)
def _file(name: str, brotli: bool) -> tuple[bytes, str, bool] | None:
    """Content, media type, and whether it is compressed; None if there is no such file in the folder."""
    if name not in _there():
        return None
    path = DIST / name
    packed = path.with_name(path.name + ".br")
    compressed = brotli and packed.is_file()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return (packed if compressed else path).read_bytes(), media_type, compressed


def _send(request: AnyRequest, name: str, cache: str) -> Response[bytes]:
    brotli = "br" in request.headers.get("accept-encoding", "")
    found = _file(name, brotli)
    if found is None:
        raise NotFound(name=name)
    content, media_type, compressed = found
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    if compressed:
        headers["Content-Encoding"] = "br"
    return Response(content, media_type=media_type, headers=headers)


@get("/static/{name:path}", include_in_schema=False, sync_to_thread=False)
def static(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    return _send(request, name.lstrip("/"), FOREVER)


@get("/sw.js", include_in_schema=False, sync_to_thread=False)
def service_worker(request: AnyRequest) -> Response[bytes]:
    return _send(request, "sw.js", "no-cache")


@get("/manifest.webmanifest", include_in_schema=False, sync_to_thread=False)
def manifest(request: AnyRequest) -> Response[bytes]:
    return _send(request, "manifest.webmanifest", "no-cache")


@get("/favicon.ico", include_in_schema=False, sync_to_thread=False)
def favicon(request: AnyRequest) -> Response[bytes]:
    return _send(request, _names().get("mark.svg", "mark.svg"), "public, max-age=86400")
