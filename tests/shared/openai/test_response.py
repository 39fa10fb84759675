"""The provider's object is read as it is meant, and never trips the reader."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.openai.response import MAX_RUN_S, Citation, Response

SAMPLE = Path(__file__).with_name("sample_response.json").read_bytes()

NAMES = """
id status output type message content text refusal annotations url title start_index end_index
usage error code incomplete_details reason action web_search_call
created_at completed_at
"""
KEYS = st.sampled_from(NAMES.split())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | KEYS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


def message(*parts: Any) -> dict[str, Any]:
    return {"type": "message", "content": list(parts)}


def part(text: str, *annotations: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": list(annotations)}


def citation(start: int, end: int, **more: Any) -> dict[str, Any]:
    source = {"type": "url_citation", "url": "https://a.test", "title": "A"}
    return source | {"start_index": start, "end_index": end} | more


def test_the_sample_gives_exactly_the_assistants_text() -> None:
    response = Response.parse(SAMPLE)
    assert response is not None
    assert response.output_text == (
        "Offshoot: Witness Night\n\n"
        "The first time Mara held the Shard box, it smelled like dust and aspirin.\n\n"
        "It was a lunch\u2011cooler\u2011sized case with a rubber gasket and a red toggle under a "
        "transparent cap."
    )
    assert (response.citations, response.searches) == ([], 0)
    assert response.usage is not None
    assert response.usage["total_tokens"] == 39022
    assert response.text("status") == "completed"
    assert response.error == (None, None)


def test_citations_move_from_their_part_into_the_whole_text() -> None:
    output = [
        message(part("\U0001d11e one ", citation(2, 5)), part("two", citation(0, 3, title=None))),
        {"type": "web_search_call"},
        message(part("three", citation(0, 5))),
    ]
    response = Response({"output": output})
    text = response.output_text
    assert [text[at.start_index : at.end_index] for at in response.citations] == [
        "one",
        "two",
        "three",
    ]
    assert response.citations[1] == Citation("https://a.test", "https://a.test", 6, 9)


def test_a_refusal_is_an_answer_too() -> None:
    response = Response({"output": [message({"type": "refusal", "refusal": "I cannot."})]})
    assert response.output_text == "I cannot."


def test_searches_are_counted_and_opened_pages_are_not() -> None:
    kinds: list[Any] = [None, {"type": "search"}, {"type": "open_page"}, {"type": "find_in_page"}]
    calls = [{"type": "web_search_call", "action": action} for action in kinds]
    assert Response({"output": calls}).searches == 2


def test_why_it_failed_or_stopped_is_read() -> None:
    response = Response(
        {
            "error": {"code": "server_error", "message": "Sorry."},
            "incomplete_details": {"reason": "max_output_tokens"},
        }
    )
    assert response.error == ("server_error", "Sorry.")
    assert response.incomplete_reason == "max_output_tokens"


@pytest.mark.parametrize(
    ("times", "took"),
    [
        ({"created_at": 1_765_339_749, "completed_at": 1_765_340_903}, 1_154_000),
        ({"created_at": 1.5, "completed_at": 2}, 500),
        ({"created_at": 0, "completed_at": MAX_RUN_S}, MAX_RUN_S * 1000),
        ({"created_at": 0, "completed_at": MAX_RUN_S + 1}, None),
        ({"created_at": 2, "completed_at": 1}, None),
        ({"created_at": 1, "completed_at": None}, None),
        ({"created_at": "1", "completed_at": "2"}, None),
        ({}, None),
    ],
)
def test_the_duration_is_the_difference_of_both_times(
    times: dict[str, Any], took: int | None
) -> None:
    assert Response(times).duration_ms == took


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 5_000])
def test_a_body_that_is_no_object_is_none(body: bytes) -> None:
    assert Response.parse(body) is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"id": "a\xff"}', "a\ufffd"),
        (b'{"id": "a\xc3"}', "a\ufffd"),
        (b'{"id": "a\\ud83d"}', "a?"),
        (b'\xef\xbb\xbf{"id": "a"}', "a"),
        ('{"id": "\u00e4"}'.encode("utf-16"), "\u00e4"),
        (b'{"id": "a", "top_p": NaN}', "a"),
    ],
    ids=["invalid UTF-8", "cut UTF-8", "half a character", "BOM", "UTF-16", "NaN"],
)
def test_what_strict_json_refuses_in_an_otherwise_whole_answer_is_mended(
    body: bytes, text: str
) -> None:
    response = Response.parse(body)
    assert response is not None
    assert (response.text("id"), response.raw) == (text, body)


@given(ANYTHING | st.dictionaries(KEYS, ANYTHING))
def test_no_value_whatsoever_trips_the_reader(value: Any) -> None:
    response = Response.parse(json.dumps(value).encode())
    if response is None:
        return
    assert isinstance(response.output_text, str)
    assert isinstance(response.citations, list)
    assert response.searches >= 0
    assert response.duration_ms is None or response.duration_ms >= 0
    assert response.usage is None or isinstance(response.usage, dict)
    for word in (*response.error, response.incomplete_reason, response.text("id")):
        assert word is None or word
