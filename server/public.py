"""The service under the address that its users see, where a proxy changes it.

The setting `public_url` says what they see: scheme, host and perhaps a path. The proxy takes the
path off before it passes a request on. Here the request gets all three back, so that whatever is
made of its address is right: `request.base_url`, the next page of a list, the links of a page.
Routes are still found without the path, and `path_of` gives it without.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class Public:
    """Gives each request the address that its client used."""

    def __init__(self, app: ASGIApp, address: str | None) -> None:
        parts = urlsplit(address or "")
        self._next = app
        self._scheme = parts.scheme
        self._host = parts.netloc.encode()
        self._root = parts.path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, under its public address if there is one."""
        if self._host and scope["type"] == "http":
            scope = self._moved(scope)
        await self._next(scope, receive, send)

    def _moved(self, scope: Scope) -> Scope:
        others = [item for item in scope["headers"] if item[0] != b"host"]
        return {
            **scope,
            "scheme": self._scheme,
            "root_path": self._root,
            "path": self._root + scope["path"],
            "headers": [(b"host", self._host), *others],
        }


def root_of(request: Request) -> str:
    """Return the path under which the service lies, without a slash at its end; mostly empty."""
    return _root(request.scope)


def path_of(scope: Scope) -> str:
    """Return the path of a request within the service."""
    path: str = scope["path"]
    return path.removeprefix(_root(scope))


def _root(scope: Scope) -> str:
    # What is mounted sees itself as the root; that of the service is kept beside it.
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    return root
