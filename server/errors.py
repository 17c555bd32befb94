"""Every error of the service, and the one shape it is shown in.

An error says where, what, and what to do, in words its reader knows. Over HTTP it is a
problem document (RFC 9457), which `server.problems` sends; on the command line it is one
line. This module is also loaded by each worker process, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

Detail = str | int | float | list[dict[str, str]]


class AppError(Exception):
    """The service failed in a way that nobody foresaw."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, hint: str | None = None, **more: Detail) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint
        self.more = more

    def __str__(self) -> str:
        return self.detail if self.hint is None else f"{self.detail} {self.hint}"

    def again(self) -> AppError:
        """Make the same error anew, without the story of where it came from."""
        return type(self)(self.detail, hint=self.hint, **self.more)

    def problem(self) -> dict[str, Detail]:
        """Give the members of the problem document."""
        hint = {} if self.hint is None else {"hint": self.hint}
        return {
            "type": f"/problems/{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **hint,
            **self.more,
        }

    def headers(self) -> dict[str, str]:
        """Give the HTTP headers that belong to this error."""
        return {}


class NotFound(AppError):
    """Nothing is known under this address."""

    status = 404
    slug = "not-found"
    title = "Not found"


class MethodNotAllowed(AppError):
    """The address exists but does not answer to this HTTP method."""

    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"


class InvalidRequest(AppError):
    """A parameter is missing or has a value that cannot be used; `errors` names each."""

    status = 422
    slug = "invalid-request"
    title = "Invalid request"


class UnknownParameter(AppError):
    """The address does not know this parameter. It is refused so that no typing error is lost."""

    status = 400
    slug = "unknown-parameter"
    title = "Unknown parameter"


class BadRequest(AppError):
    """The request breaks the rules of HTTP or of the SPARQL protocol."""

    status = 400
    slug = "bad-request"
    title = "Bad request"


class NotAcceptable(AppError):
    """None of the formats that the client accepts is one that this answer can have."""

    status = 406
    slug = "not-acceptable"
    title = "Not acceptable"


class BodyTooLarge(AppError):
    """The body of the request is longer than the service reads."""

    status = 413
    slug = "body-too-large"
    title = "Body too large"


class UnsupportedMediaType(AppError):
    """The body of the request is in a format that the service does not read."""

    status = 415
    slug = "unsupported-media-type"
    title = "Unsupported media type"


class QuerySyntax(AppError):
    """The query or update is not SPARQL 1.1; `line` and `column` say where it stops to be."""

    status = 400
    slug = "query-syntax"
    title = "Syntax error in the query"


class QueryTooComplex(AppError):
    """The query is longer, deeper or has more parts than the service plans."""

    status = 400
    slug = "query-too-complex"
    title = "Query too complex"


class ServiceForbidden(AppError):
    """The query uses SERVICE, which would make this server call another one."""

    status = 403
    slug = "service-forbidden"
    title = "SERVICE is off"


class UpdateForbidden(AppError):
    """The request would change the graph, which is read-only."""

    status = 403
    slug = "update-forbidden"
    title = "The graph is read-only"


class LoadForbidden(AppError):
    """The update uses LOAD, which would make this server call another one."""

    status = 403
    slug = "load-forbidden"
    title = "LOAD is off"


class TokenMissing(AppError):
    """The graph is changed by those who have a token, sent as `Authorization: Bearer TOKEN`."""

    status = 401
    slug = "token-missing"
    title = "A token is needed"

    def headers(self) -> dict[str, str]:
        """Say what is needed (RFC 6750, section 3)."""
        return {"WWW-Authenticate": 'Bearer realm="cablegraph"'}


class TokenWrong(AppError):
    """The token is none of those that allow to change the graph."""

    status = 401
    slug = "token-wrong"
    title = "The token is wrong"

    def headers(self) -> dict[str, str]:
        """Say what is wrong (RFC 6750, section 3.1)."""
        return {"WWW-Authenticate": 'Bearer realm="cablegraph", error="invalid_token"'}


class PreconditionFailed(AppError):
    """The graph is not, or not any more, as `If-Match` or `If-None-Match` says."""

    status = 412
    slug = "precondition-failed"
    title = "Precondition failed"


class UpdateFailed(AppError):
    """The update cannot be made to what there is: nothing was changed."""

    status = 400
    slug = "update-failed"
    title = "Update failed"


class UpdateStopped(AppError):
    """The update took too long, used too much memory or ended its process. Nothing was changed."""

    status = 503
    slug = "update-stopped"
    title = "Update was stopped"


class DataSyntax(AppError):
    """What is to be stored is not RDF in the format that the request names."""

    status = 400
    slug = "data-syntax"
    title = "Syntax error in the data"


class UnreadableTokens(AppError):
    """The file of tokens cannot be read."""

    slug = "unreadable-tokens"
    title = "Tokens cannot be read"


class CannotWrite(AppError):
    """The service is to change a data set in whose folder it cannot write."""

    slug = "cannot-write"
    title = "Cannot write"


class UnknownFunction(AppError):
    """The query calls a function that is neither of SPARQL 1.1 nor a cast of XML Schema."""

    status = 400
    slug = "unknown-function"
    title = "Unknown function"


class QueryFailed(AppError):
    """The query could not be evaluated."""

    slug = "query-failed"
    title = "Query failed"


class QueryTimeout(AppError):
    """The query was stopped because it took longer than `limit` seconds."""

    status = 503
    slug = "query-timeout"
    title = "Query took too long"


class StoreUnreachable(AppError):
    """The server that has the graph does not answer. Ask again after `Retry-After` seconds."""

    status = 503
    slug = "store-unreachable"
    title = "The store cannot be reached"

    def headers(self) -> dict[str, str]:
        """Say when to ask again."""
        return {"Retry-After": "10"}


class StoreFailed(AppError):
    """The server that has the graph refuses the query, or its answer cannot be used."""

    status = 502
    slug = "store-failed"
    title = "The store does not answer as it should"


class StoreAnswerTooLong(AppError):
    """The server that has the graph sends more than `limit` bytes in answer to the query."""

    status = 502
    slug = "store-answer-too-long"
    title = "Answer too long"


class StoreTimeout(QueryTimeout):
    """The server that has the graph stopped the query by a time limit of its own."""

    status = 504
    slug = "store-timeout"
    title = "Query took too long for the store"


class StoreCut(AppError):
    """The server that has the graph leaves out the rows of an answer beyond a number."""

    status = 502
    slug = "store-cut"
    title = "The store leaves rows out"


class StoreLogin(AppError):
    """The file with the login to the server that has the graph cannot be used."""

    status = 503
    slug = "store-login"
    title = "No login to the store"


class StoreNotUnion(AppError):
    """The default graph of the server that has the graph is not the union of its graphs."""

    status = 503
    slug = "store-not-union"
    title = "The default graph is not the union"


class QueryMemory(AppError):
    """The query was stopped because it used more memory than `limit` MiB."""

    status = 503
    slug = "query-memory"
    title = "Query used too much memory"


class QueryCrashed(AppError):
    """The query ended the process that ran it; no other query was harmed."""

    status = 503
    slug = "query-crashed"
    title = "Query could not be run"


class TooManyRequests(AppError):
    """You have used your share of the workers' time. Ask again after `retry_after` seconds."""

    status = 429
    slug = "too-many-requests"
    title = "Too many requests"

    def headers(self) -> dict[str, str]:
        """Say when to ask again."""
        return {"Retry-After": str(self.more["retry_after"])}


class Busy(AppError):
    """No more can be done at once: the queue is full. Ask again after `Retry-After` seconds."""

    status = 503
    slug = "busy"
    title = "Busy"

    def headers(self) -> dict[str, str]:
        """Say when to ask again."""
        return {"Retry-After": "2"}


class Stopping(AppError):
    """The service is being stopped, and the query took too long to be waited for."""

    status = 503
    slug = "stopping"
    title = "The service is being stopped"


class DataSetMissing(AppError):
    """There is no data set where the service looks for it."""

    status = 503
    slug = "data-set-missing"
    title = "No data set"


class DataSetUnreadable(AppError):
    """The data set is damaged, incomplete or of another layout."""

    status = 503
    slug = "data-set-unreadable"
    title = "Data set cannot be read"


class TooFewFiles(AppError):
    """The system lets a process open fewer files than the service needs."""

    slug = "too-few-files"
    title = "Too few files"


class CannotListen(AppError):
    """The service cannot have the port that it is to listen on."""

    slug = "cannot-listen"
    title = "Cannot listen"


class CannotStart(AppError):
    """One of the processes of the service ended before it could serve."""

    slug = "cannot-start"
    title = "Cannot start"


def all_errors(base: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """Give the class and every class below it."""
    yield base
    for below in base.__subclasses__():
        yield from all_errors(below)
