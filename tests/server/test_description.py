"""What the OpenAPI document says of the answers of a route is so, whatever the route is asked."""

from __future__ import annotations

from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

# Not whether a value that the document allows is accepted: it does not tell all of what a date
# or a name is. Others ask the service for more than one request each.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_answers_are_as_the_description_says(api: httpx.Client) -> None:
    schema = schemathesis.openapi.from_url(str(api.base_url.join("/openapi.json")))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]

    @given(st.tuples(*(operation.as_strategy() for operation in operations)))
    @settings(
        max_examples=4,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(cases: tuple[Case[Any], ...]) -> None:
        for case in cases:
            case.call_and_validate(checks=CHECKS)

    check()
    assert len(operations) > 30
