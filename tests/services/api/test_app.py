"""The description at /openapi.json is true of what the API takes and gives."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
TASK = "/v1/tasks/{task_id}"


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


async def test_every_call_documents_its_problems(description: dict[str, Any]) -> None:
    documented = {
        (method, path): set(call["responses"])
        for path, calls in description["paths"].items()
        for method, call in calls.items()
    }
    assert documented == {
        ("post", "/v1/tasks"): {"202", "400", "403", "413", "422", "429", "503", "default"},
        ("get", "/v1/tasks"): {"200", "422", "503", "default"},
        **{
            ("post", f"/v1/tasks/{{task_id}}/{action}"): {str(status), *problems, "default"}
            for action, status, problems in (
                ("cancel", 200, ("403", "404", "409", "503")),
                ("abandon", 200, ("403", "404", "409", "503")),
                ("adopt", 202, ("403", "404", "409", "422", "503")),
                ("retry", 202, ("403", "404", "409", "422", "429", "503")),
            )
        },
        ("post", "/v1/webhooks/openai"): {"204", "401", "404", "413", "503", "default"},
        ("get", "/metrics"): {"200", "503", "default"},
        ("get", TASK): {"200", "304", "404", "503", "default"},
        ("get", f"{TASK}/answer"): {"200", "404", "406", "503", "default"},
        ("get", f"{TASK}/response"): {"200", "404", "503", "default"},
        ("get", "/healthz"): {"200"},
        ("get", "/readyz"): {"200", "503"},
    }
    for path, calls in description["paths"].items():
        for call in calls.values():
            for status, answer in call["responses"].items():
                if path.startswith("/v1") and status[0] in "45d":
                    assert answer["content"] == PROBLEM
                    assert answer["description"]


async def test_its_examples_are_accepted(
    description: dict[str, Any], client: httpx.AsyncClient
) -> None:
    examples = description["components"]["schemas"]["NewTask"]["examples"]
    assert len(examples) == 2
    for example in examples:
        assert (await client.post("/v1/tasks", json=example)).status_code == 202


async def test_its_example_of_a_task_is_like_a_real_one(
    description: dict[str, Any], valid: Callable[[str, Any], None], submit: Any
) -> None:
    (example,) = description["components"]["schemas"]["TaskOut"]["examples"]
    valid("TaskOut", example)
    assert list(example) == list(await submit())


async def test_real_answers_are_as_it_says(
    valid: Callable[[str, Any], None], client: httpx.AsyncClient, submit: Any, service: Any
) -> None:
    task = await submit()
    valid("TaskOut", task)
    await service.completed(task["id"], b'{"output":[]}')
    valid("TaskOut", (await client.get(f"/v1/tasks/{task['id']}")).json())
    valid("PageOut", (await client.get("/v1/tasks")).json())
    valid("Problem", (await client.post("/v1/tasks", json={})).json())
    valid("Problem", (await client.get("/v1/tasks/x")).json())
    valid("Healthy", (await client.get("/healthz")).json())
    valid("Ready", (await client.get("/readyz")).json())


async def test_it_offers_no_way_to_choose_the_model(description: dict[str, Any]) -> None:
    fields = description["components"]["schemas"]["NewTask"]["properties"]
    assert set(fields) == {"input", "title", "parent_id"}
