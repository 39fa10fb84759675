"""Every body has the published shape and parses strictly with the provider's own models."""

import re
from typing import Any

import pytest
from openai.types import Model
from openai.types.responses import Response, ResponseItemList
from pydantic import TypeAdapter, ValidationError

KEYS = re.findall(
    r"\w+",
    """
background billing conversation created_at error id incomplete_details instructions
max_output_tokens max_tool_calls metadata model object output parallel_tool_calls
previous_response_id prompt prompt_cache_key prompt_cache_retention reasoning safety_identifier
service_tier status store temperature text tool_choice tools top_logprobs top_p truncation usage
user
""",
)
REQUIRED = {
    "reasoning": {"id", "summary", "type"},
    "web_search_call": {"id", "type", "status", "action"},
    "message": {"id", "type", "role", "content", "status"},
    "output_text": {"type", "text", "annotations", "logprobs"},
    "refusal": {"type", "refusal"},
    "url_citation": {"type", "url", "start_index", "end_index", "title"},
    "search": {"type"},
    "open_page": {"type"},
}
STATUSES = {"completed", "failed", "in_progress", "cancelled", "queued", "incomplete"}
SCRIPTS = ["failed", "incomplete", "cancelled", "empty", "refusal", "never ends", "null usage"]


def tagged(value: Any) -> list[dict[str, Any]]:
    """Every object inside `value` that names its type."""
    if isinstance(value, list):
        return [found for item in value for found in tagged(item)]
    if not isinstance(value, dict):
        return []
    here = [value] if "type" in value else []
    return here + [found for item in value.values() for found in tagged(item)]


@pytest.mark.parametrize("script", ["", *(f" [simulate: {words}]" for words in SCRIPTS)])
async def test_a_response_has_every_key_in_order_and_parses(script: str, end: Any) -> None:
    ended = await end(f"Compare sourdough and rye{script}")
    assert list(ended) == KEYS
    assert ended["status"] in STATUSES
    for item in tagged(ended["output"]):
        assert item.keys() >= REQUIRED[item["type"]]
    TypeAdapter(Response).validate_python(ended)


async def test_a_queued_response_has_the_same_keys_and_complete_tools(ask: Any) -> None:
    created = await ask("Why?", tools=[{"type": "web_search", "search_context_size": "high"}])
    assert list(created) == KEYS
    assert list(created["tools"][0]) == ["filters", "search_context_size", "type", "user_location"]
    TypeAdapter(Response).validate_python(created)


async def test_the_specs_answer_lacks_only_a_count_that_came_later(end: Any) -> None:
    """The spec's example is older than `cache_write_tokens`; it stays as the spec has it."""
    ended = await end("Write a short offshoot to the lina trilogy.")
    assert list(ended) == KEYS
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Response).validate_python(ended)
    assert [error["loc"][-1] for error in refused.value.errors()] == ["cache_write_tokens"]


async def test_ids_look_like_the_real_ones_and_belong_together(end: Any) -> None:
    ended = await end("Why?")
    kind, _, digits = ended["id"].partition("_")
    assert (kind, len(digits), int(digits[18:26], 16)) == ("resp", 50, ended["created_at"])
    items = [item["id"].split("_") for item in ended["output"]]
    assert {name for name, _ in items} == {"rs", "ws", "msg"}
    assert all(rest.startswith(digits[:18]) and len(rest) == 50 for _, rest in items)
    assert len({rest for _, rest in items}) == len(items)


async def test_input_items_and_the_model_parse(ask: Any, client: Any) -> None:
    turns = [{"role": role, "content": "Hi"} for role in ("developer", "user", "assistant", "user")]
    created = await ask("", input=turns)
    items = (await client.get(f"/v1/responses/{created['id']}/input_items")).json()
    TypeAdapter(ResponseItemList).validate_python(items)
    TypeAdapter(Model).validate_python((await client.get("/v1/models/gpt-5-pro")).json())
