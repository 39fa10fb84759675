"""The description at /openapi.json is true of what the API takes and gives."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

import services.api
from services.api.problems.examples import PROBLEMS
from tests.services.api.conftest import Service

PROBLEM = "application/problem+json"
API = Path(services.api.__file__).parent
TASK = "/v1/tasks/{task_id}"
ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"


@pytest.fixture
async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    reply = await client.get("/openapi.json")
    described: dict[str, Any] = reply.json()
    return described


@pytest.fixture
def valid(description: dict[str, Any]) -> Callable[[str, Any], None]:
    """Check a body against a component's schema, and for fields that the schema lacks."""

    def check(name: str, body: Any) -> None:
        schemas = description["components"]["schemas"]
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        Draft202012Validator(schema).validate(body)
        assert set(body) <= set(schemas[name]["properties"])

    return check


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(references, node.values()))


async def test_it_is_openapi_3_1_whose_schemas_hold_together(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    schemas = description["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    # No $defs, no schema that nothing uses, and so none of the framework's own errors.
    assert references(description) == {f"#/components/schemas/{name}" for name in schemas}


def calls(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, call in methods.items():
            yield method, path, call


def kinds(call: dict[str, Any]) -> set[str]:
    """The kinds of problems that a call is said to have."""
    contents = [answer.get("content", {}) for answer in call["responses"].values()]
    return {kind for content in contents for kind in content.get(PROBLEM, {}).get("examples", {})}


async def test_every_call_documents_what_any_call_may_answer(description: dict[str, Any]) -> None:
    for _, path, call in calls(description):
        if path.startswith("/v1/"):
            assert kinds(call) >= {"store-unavailable", "internal-error", "host-not-allowed"}, path
            if not path.startswith("/v1/webhooks/"):
                assert kinds(call) >= {"unauthorized", "cross-origin", "too-many-requests"}, path
            if "{task_id}" in path:
                assert "task-not-found" in kinds(call), path
            if "requestBody" in call:
                assert kinds(call) >= {"too-large", "unsupported-media-type"}
                assert kinds(call) & {"invalid-request", "invalid-parameter"}


async def test_every_example_of_a_problem_is_one(description: dict[str, Any], valid: Any) -> None:
    for _, path, call in calls(description):
        for status, answer in call["responses"].items():
            for kind, example in (
                answer.get("content", {}).get(PROBLEM, {}).get("examples", {}).items()
            ):
                valid("Problem", example["value"])
                assert example["value"]["type"] == f"urn:backburner:problem:{kind}"
                assert status in ("default", str(example["value"]["status"])), path
            if status in ("429", "503") and path.startswith("/v1/"):
                assert "Retry-After" in answer["headers"], path


def test_there_is_an_example_of_every_problem_that_a_call_can_have() -> None:
    """Those of a connection that never became a call are uvicorn's to give."""
    made: set[str] = set()
    for path in set(API.rglob("*.py")) - {API / "bootstrap/http_protocol.py"}:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name("problem"), args=[_, ast.Constant(str(kind)), *_]):
                    made.add(kind)
                case ast.Tuple([ast.Constant(int()), ast.Constant(str(kind)), ast.Constant(str())]):
                    made.add(kind)  # of the table of plain ones
    assert made == set(PROBLEMS)


async def test_a_link_leads_to_a_call(description: dict[str, Any]) -> None:
    known = {call["operationId"]: call for _, _, call in calls(description)}
    linked = set()
    for _, _, call in calls(description):
        for answer in call["responses"].values():
            for link in answer.get("links", {}).values():
                names = {one["name"] for one in known[link["operationId"]].get("parameters", [])}
                assert {name.removeprefix("query.") for name in link["parameters"]} <= names
                linked.add(link["operationId"])
    of_one = {
        call["operationId"]
        for _, path, call in calls(description)
        if TASK in path or ENDPOINT in path
    }
    # Which message a reader wants is not known from the task.
    assert linked == of_one - {"read_message"} | {"submit_task", "list_tasks"}


async def test_its_examples_are_accepted(description: dict[str, Any], service: Service) -> None:
    examples = description["components"]["schemas"]["TaskCreate"]["examples"]
    assert len(examples) == 2
    for example in examples:
        assert (await service.http.post("/v1/tasks", json=example)).status_code == 202
    body = description["paths"]["/v1/tasks"]["post"]["requestBody"]["content"]["text/markdown"]
    headers = {"Content-Type": "text/markdown"}
    for example in body["examples"].values():
        reply = await service.http.post("/v1/tasks", content=example["value"], headers=headers)
        assert reply.status_code == 202, reply.text


async def test_its_example_of_a_task_is_like_a_real_one(
    description: dict[str, Any], valid: Callable[[str, Any], None], service: Service
) -> None:
    (example,) = description["components"]["schemas"]["TaskOut"]["examples"]
    valid("TaskOut", example)
    assert list(example) == list(await service.submit())


async def test_responses_fit_it(valid: Callable[[str, Any], None], service: Service) -> None:
    task = await service.submit()
    valid("TaskOut", task)
    await service.completed(task["id"], b'{"output":[]}')
    valid("TaskOut", (await service.http.get(f"/v1/tasks/{task['id']}")).json())
    valid("TaskPage", (await service.http.get("/v1/tasks")).json())
    valid("Problem", (await service.http.post("/v1/tasks", json={})).json())
    valid("Problem", (await service.http.get("/v1/tasks/x")).json())
    valid("Liveness", (await service.http.get("/healthz")).json())
    valid("Readiness", (await service.http.get("/readyz")).json())


async def test_it_offers_no_way_to_choose_the_model(description: dict[str, Any]) -> None:
    fields = description["components"]["schemas"]["TaskCreate"]["properties"]
    assert set(fields) == {"input", "title", "parent_id", "export", "webhook_endpoint"}


async def test_generators_find_nothing_that_they_misread(description: dict[str, Any]) -> None:
    """A default of null becomes a required field, a list in a header drops the whole call."""
    defaults = re.findall(r'"default": ?null', json.dumps(description))
    assert defaults == []
    for _, path, call in calls(description):
        for parameter in call.get("parameters", []):
            kinds_ = {each.get("type") for each in parameter["schema"].get("anyOf", [{}])}
            assert "array" not in kinds_, path
        # Tokens are optional: a generated client need not have one.
        assert {} in call.get("security", [{}]), path
    headers = {each["name"] for each in description["paths"][TASK]["get"]["parameters"]}
    assert {"Prefer", "If-None-Match"} <= headers
