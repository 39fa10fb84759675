"""The page's types describe what the API documents: the same fields, null where it may be null."""

import re
from typing import Any

import pytest

from services.api.routes.pages import FRONTEND
from tests.services.api.conftest import Service

SCHEMAS = {
    "TaskSummary": "TaskSummary",
    "Task": "TaskOut",
    "TaskPage": "TaskPage",
    "Thread": "ThreadOut",
    "Citation": "CitationOut",
    "Message": "Message",
    "Part": "Part",
    "Receipt": "ReceiptOut",
    "DeletionReceipt": "DeletionReceipt",
    "Usual": "PercentilesOut",
    "Estimate": "EstimateOut",
    "TaskProgress": "ProgressOut",
    "Readiness": "Readiness",
    "Spending": "SpendingOut",
    "Problem": "Problem",
}
WHOLE = {"TaskSummary", "Task"}
"""Types with every field; of the others the page names only what it reads."""

OBJECT = re.compile(r"@typedef \{object\} (\w+)(.*?)(?=@typedef|\*/)", re.DOTALL)
PROPERTY = re.compile(r"@property (\{.*\}) \[?(\w+)\]?")
INLINE = re.compile(r"@typedef \{(?:(\w+) & )?\{(.*)\}\} (\w+)")
FIELD = re.compile(r"(\w+)\??: ((?:[^,{}()]|\{[^{}]*\}|\([^()]*\))+)")

Fields = dict[str, bool]
"""By name: whether it may be null."""


def of_the_page() -> dict[str, Fields]:
    """The types of types.js."""
    source = (FRONTEND / "scripts" / "types.js").read_text()
    types = {
        name: {field: _nullable(kind[1:-1]) for kind, field in PROPERTY.findall(body)}
        for name, body in OBJECT.findall(source)
    }
    for base, body, name in INLINE.findall(source):
        inline = {field: _nullable(kind) for field, kind in FIELD.findall(body)}
        types[name] = {**types.get(base, {}), **inline}
    return types


def of_the_api(schema: dict[str, Any]) -> Fields:
    return {
        name: any(each.get("type") == "null" for each in value.get("anyOf", []))
        for name, value in schema["properties"].items()
    }


def _nullable(kind: str) -> bool:
    return kind == "any" or kind.endswith("|null")


@pytest.mark.parametrize("name", SCHEMAS)
async def test_a_type_of_the_page_agrees_with_the_schema(name: str, service: Service) -> None:
    schema = (await service.http.get("/openapi.json")).json()["components"]["schemas"][
        SCHEMAS[name]
    ]
    documented, known = of_the_api(schema), of_the_page()[name]
    required = [field for field in known if field in schema["required"]]
    assert {field: known[field] for field in required} == {
        field: documented[field] for field in required
    }
    assert known
    assert known.keys() <= documented.keys()
    if name in WHOLE:
        assert known.keys() == documented.keys()
