"""The API does what its own description says: generated requests for every operation, and every answer as announced."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.db import Database
from app.main import create_app
from app.settings import Settings
from tests.support.office import EMPLOYEE, office_at
from tests.support.world import bearer, copy_of

PROMISED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(copies):
    """An office that all requests share: what they write, the next ones meet."""
    with copy_of(copies) as address, Database(address) as db, office_at(db, address) as office:
        schema = schemathesis.openapi.from_asgi("/schema/openapi.json", office.client.app, config=SchemathesisConfig())
        yield schema, bearer(office.id_of(EMPLOYEE))


def operations():
    app = create_app(Settings(database="sqlite:///nowhere.db"), database=object(), work=False)  # type: ignore[arg-type]
    document = app.openapi_schema.to_schema()
    return [(method, path) for path, item in sorted(document["paths"].items()) for method in sorted(item)]


@pytest.mark.parametrize(("method", "path"), operations())
def test_every_answer_is_as_the_description_says(described, method, path):
    schema, headers = described
    operation = schema[path][method.upper()]

    @given(case=operation.as_strategy())
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case):
        case.call_and_validate(headers=headers, checks=PROMISED)

    ask()


def test_every_operation_is_explained_and_names_its_refusals(described):
    schema, _ = described
    for path, item in schema.raw_schema["paths"].items():
        for method, operation in item.items():
            assert operation.get("description") or operation.get("summary"), (method, path)
            if path.startswith("/api"):
                problem = operation["responses"]["401"]["content"]
                assert list(problem) == ["application/problem+json"], (method, path)
