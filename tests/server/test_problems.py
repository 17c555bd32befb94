"""Every error is shown in one shape, whoever raises it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.errors import AppError, InvalidRequest, all_errors
from server.settings import Settings


@pytest.fixture
def service(serve: Callable[[Settings], Any], data_set: Path) -> Any:
    """A service with two routes that only a test needs."""
    service = serve(Settings(store=data_set, workers=1))

    def divide(by: int) -> float:
        return 1 / by

    service.app.add_api_route("/test/divide", divide)
    return service


def test_parameter_of_the_wrong_type_is_named(service: Any) -> None:
    answer = service.client.get("/test/divide?by=two")
    problem = "Input should be a valid integer, unable to parse string as an integer"
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (
        422,
        "application/problem+json",
        {
            "type": "/problems/invalid-request",
            "title": "Invalid request",
            "status": 422,
            "detail": f"by: {problem}",
            "errors": [{"parameter": "by", "problem": problem}],
        },
    )


def test_error_that_nobody_foresaw_tells_no_secrets(service: Any) -> None:
    answer = service.client.get("/test/divide?by=0")
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (
        500,
        "application/problem+json",
        {
            "type": "/problems/internal",
            "title": "Internal error",
            "status": 500,
            "detail": "The service failed; its log says how.",
        },
    )


def test_method_that_is_not_allowed_names_those_that_are(client: httpx.Client) -> None:
    answer = client.delete("/problems/busy")
    assert (answer.status_code, answer.headers["allow"]) == (405, "OPTIONS, GET")
    assert answer.json()["detail"] == "/problems/busy does not answer to DELETE."


def test_every_kind_of_problem_has_a_name_of_its_own_and_is_explained() -> None:
    slugs = [kind.slug for kind in all_errors()]
    assert sorted(slugs) == sorted(set(slugs))
    assert [kind for kind in all_errors() if not kind.__doc__] == []


def test_error_on_the_command_line_is_what_happened_and_what_to_do() -> None:
    assert str(AppError("It broke.")) == "It broke."
    assert str(InvalidRequest("It is wrong.", hint="Mend it.")) == "It is wrong. Mend it."
