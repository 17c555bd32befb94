"""Let clients keep answers: one data set never changes, so its version names all of them.

The tag of an answer is made of the version, the code that answers, the address and the
accepted formats, so that a client has it only from an answer to the very same request.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from server.memory import Known
from server.versions import pinned

FRESH = "public, max-age=300"
VARY = "Accept, Accept-Encoding"


class CachedRoute(APIRoute):
    """A route whose answers carry an ETag; to a client that has the answer it says so (304).

    They may be kept: see `server.repeated`.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Put the tag around the handler. Errors pass by, and are not kept."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            headers = caching_headers(request)
            if is_known(request, headers["ETag"]):
                return Response(status_code=304, headers=headers)
            response = await handle(request)
            response.headers.update(headers)
            request.state.repeatable = Known(headers["ETag"])
            return response

        return answer


def caching_headers(request: Request) -> dict[str, str]:
    """Return the headers by which a client may keep an answer."""
    return {"ETag": tag(request), "Cache-Control": FRESH, "Vary": VARY}


def tag(request: Request) -> str:
    """Return the ETag of the answer to a request. It is weak: it may be sent compressed."""
    version = pinned(request).tag
    asked = (code_version(), str(request.url), request.headers.get("accept"))
    return f'W/"{version}-{sha256(repr(asked).encode()).hexdigest()[:16]}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the client has the answer with this tag (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "").split(",")
    return tag.removeprefix("W/") in {each.strip().removeprefix("W/") for each in given}


@cache
def code_version() -> str:
    """Return a name for the code and templates that make the answers."""
    files = sorted(Path(__file__).parent.rglob("*"))
    own = [file.read_bytes() for file in files if file.suffix in (".py", ".html")]
    return sha256(b"\0".join(own)).hexdigest()[:12]
