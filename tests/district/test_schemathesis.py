"""Schemathesis against the live OpenAPI document: no call gets a 5xx, nor an answer of which it does not tell."""

import itertools
from collections.abc import Iterator

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.district.release_store import Audience, Releases
from tests.district.live import STATION, Client, Live, on_postgres
from tests.updates import making

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "/v1/events"
RELEASE = ("linux-amd64", "0.2.0")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
BOUNDED = settings(
    max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def server(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("releases")
    with on_postgres(postgres_server) as live, pytest.MonkeyPatch.context() as patched:
        making.trust(patched, folder)
        patched.setattr("app.district.release_store.RESERVE", 0)
        live.api.state.releases = Releases(folder / "kept")
        live.api.state.releases.add(making.package(folder, RELEASE[1]), Audience())
        yield live


@pytest.fixture(scope="module")
def joined_client(server: Live) -> Client:
    """Return a client that joined before anybody guessed at codes: guessing is slowed down for all."""
    return server.client("supervisor")


@pytest.fixture(scope="module")
def document(server: Live) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


def operations(document):
    return [found.ok() for found in document.get_all_operations()]


def to_the_point(case, client: Client) -> None:
    """Put in what no generator can guess: the epoch in force, one's own feeds, the next number."""
    if isinstance(case.body, dict):
        if isinstance(case.body.get("epoch"), str):
            case.body["epoch"] = client.epoch
        if isinstance(case.body.get("feed"), str):
            case.body["feed"] = client.feeds[len(case.body["feed"]) % len(client.feeds)]
        for number, op in enumerate(ops if isinstance(ops := case.body.get("ops"), list) else ()):
            if isinstance(op, dict) and isinstance(op.get("seq"), int):
                op.pop("device", None)
                op["seq"] = client.get("/v1/status")[1]["expect"] + number
    if isinstance(case.path_parameters, dict) and "feed" in case.path_parameters:
        case.path_parameters["feed"] = f"station/{STATION}"
    if isinstance(case.path_parameters, dict) and "version" in case.path_parameters:
        case.path_parameters["platform"], case.path_parameters["version"] = RELEASE


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize("joined", [True, False], ids=["token", "no token"])
def test_no_call_gets_a_5xx_or_an_answer_that_the_document_does_not_tell_of(
    server, document, joined_client, mode, joined
):
    client = joined_client if joined else Client(server.url)
    tried, turn = [], itertools.count()
    for operation in operations(document):
        if operation.path == ENDLESS and joined:
            continue  # it does not end; the test below looks at it

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def probe(case):
            if joined and next(turn) % 3:
                to_the_point(case, client)
            answer = case.call(headers=client.headers, timeout=60)
            case.validate_response(answer, checks=CHECKS, headers=client.headers)

        try:
            probe()
        except Unsatisfiable:  # nothing can be wrong with a call that takes nothing
            continue
        tried.append(operation.label)
    assert len(tried) >= 6


def test_every_method_on_every_path_gets_an_answer_below_500(server, document, joined_client):
    paths = {operation.path for operation in operations(document)}
    for path in sorted(paths):
        for method in METHODS:
            for headers in (
                joined_client.headers,
                {},
                {"Authorization": "Bearer \x7f"},
                {"Authorization": "Basic eDp5"},
            ):
                url = server.url + path.replace("{feed}", f"station/{STATION}")
                with requests.request(method, url, headers=headers, timeout=60, stream=True) as answer:
                    assert answer.status_code < 500, (method, path, answer.text[:200])
    assert {"/v1/push", "/v1/pull", ENDLESS} <= paths
