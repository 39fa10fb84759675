"""Lists the input items of a response, in pages."""

import hashlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.simulator.request import CreateRequest


class Page(BaseModel):
    """The query parameters of GET …/input_items."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(20, ge=1, le=100)
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None


def input_items(response_id: str, request: CreateRequest, page: Page) -> dict[str, Any]:
    """Return one page of the response's input messages."""
    items = [
        {
            "id": _id(response_id, number),
            "status": "completed",
            **message.model_dump(),
        }
        for number, message in enumerate(request.input)
    ]
    if page.order == "desc":
        items.reverse()
    ids = [item["id"] for item in items]
    start = ids.index(page.after) + 1 if page.after in ids else 0
    data = items[start : start + page.limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else "",
        "last_id": data[-1]["id"] if data else "",
        "has_more": start + page.limit < len(items),
    }


def _id(response_id: str, number: int) -> str:
    return f"msg_{hashlib.sha256(f'{response_id} {number}'.encode()).hexdigest()[:50]}"
