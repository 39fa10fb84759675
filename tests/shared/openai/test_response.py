"""The provider's object is read as it is meant, and never trips the reader."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.openai.response import MAX_RUN_S, UNREADABLE_ID, Response

SAMPLE = Path(__file__).with_name("sample_response.json").read_bytes()

NAMES = """
id status output type message content text refusal annotations url title start_index end_index
usage input_tokens output_tokens error code incomplete_details reason action web_search_call
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


def answered(text: bytes) -> bytes:
    return b'{"top_p": 1, "output": [{"type": "message", "content": "%s"}]}' % text


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
    assert response.status == "completed"
    assert response.error == (None, None)


@pytest.mark.parametrize(
    "usable",
    [
        "resp_1",
        "litellm_poll_0a-1",
        "caresp_x",
        "resp_a.b=",
        "resp-1",
        "a:b@c?d#e%2f",
        "ä",
        "x" * 512,
    ],
)
def test_an_id_is_whatever_the_provider_calls_it(usable: str) -> None:
    assert Response({"id": usable}).id == usable


@pytest.mark.parametrize(
    "unusable",
    [
        *("", " ", "a b", "a/b", "..", ".", "x" * 513, "a\n", "\x1b[31m", "a\u2028b", "\u202ea"),
        *(7, None, ["resp_1"], {}),
    ],
    ids=repr,
)
def test_an_id_that_cannot_be_used_is_none(unusable: object) -> None:
    assert Response({"id": unusable}).id is None


@pytest.mark.parametrize("smuggled", ["the prompt, word by word", "a" * 101, "a\nlevel=error", 7])
def test_only_words_are_kept_where_a_word_is_meant(smuggled: object) -> None:
    response = Response(
        {
            "status": smuggled,
            "error": {"code": smuggled},
            "incomplete_details": {"reason": smuggled},
        }
    )
    assert (response.status, *response.error, response.incomplete_reason) == (None,) * 4


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": "server_error", "message": "x" * 9_000}, "server_error", "x" * 2_000),
        ({"code": None, "type": "server_error", "message": "No."}, "server_error", "No."),
        ({"code": 500, "message": "No."}, None, "No."),
        ("No.", None, "No."),
        (["No."], None, None),
    ],
    ids=["long", "type", "number", "string", "list"],
)
def test_an_error_is_read_in_any_form_and_bounded(
    error: object, code: str | None, message: str | None
) -> None:
    assert Response({"error": error}).error == (code, message)


def test_metadata_that_names_no_id_names_no_task_here() -> None:
    named = ["task_1", "the prompt " * 1_000, 7, None]
    found = [Response({"metadata": {"task_id": name}}).task_id for name in named]
    assert found == ["task_1", UNREADABLE_ID, None, None]


COUNTED = {
    "input_tokens": 30_988,
    "input_tokens_details": {"cached_tokens": 7, "cache_write_tokens": 0},
    "output_tokens": 8_034,
    "output_tokens_details": {"reasoning_tokens": 6_000},
    "total_tokens": 39_022,
}
ANSWERED = [message(part("An answer."))]


@pytest.mark.parametrize(
    ("usage", "output", "kept"),
    [
        (COUNTED, ANSWERED, COUNTED),
        (COUNTED | {"note": "x" * 10**6, "cost": {"a": 1}}, ANSWERED, COUNTED),
        ({"input_tokens": 1, "output_tokens": -1}, ANSWERED, {"input_tokens": 1}),
        ({"input_tokens": 10**9 + 1, "output_tokens": 1}, ANSWERED, {"output_tokens": 1}),
        ({"input_tokens": True, "output_tokens": "1"}, ANSWERED, None),
        ({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}, ANSWERED, None),
        ({"input_tokens": 0, "output_tokens": 5}, ANSWERED, {"output_tokens": 5}),
        ({"input_tokens": 0, "output_tokens": 0}, [], {"input_tokens": 0, "output_tokens": 0}),
        ({"input_tokens_details": {"cached_tokens": 1}}, [], None),
        ([], ANSWERED, None),
    ],
    ids=str,
)
def test_usage_is_what_is_known_and_can_be_true(usage: Any, output: Any, kept: Any) -> None:
    assert Response({"usage": usage, "output": output}).usage == kept


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
        (answered(b"a\xff"), "a\ufffd"),
        (answered(b"a\xc3"), "a\ufffd"),
        (answered(b"a\\ud83d"), "a?"),
        (b"\xef\xbb\xbf" + answered(b"a"), "a"),
        (answered(b"a").decode().encode("utf-16"), "a"),
        (answered(b"a").replace(b"1", b"NaN"), "a"),
    ],
    ids=["invalid UTF-8", "cut UTF-8", "half a character", "BOM", "UTF-16", "NaN"],
)
def test_what_strict_json_refuses_in_an_otherwise_whole_answer_is_mended(
    body: bytes, text: str
) -> None:
    response = Response.parse(body)
    assert response is not None
    assert (response.output_text, response.raw) == (text, body)


@given(ANYTHING | st.dictionaries(KEYS, ANYTHING))
def test_no_value_whatsoever_trips_the_reader(value: Any) -> None:
    response = Response.parse(json.dumps(value).encode())
    if response is None:
        return
    assert isinstance(response.output_text, str)
    for at in response.citations:
        if at.start_index is not None and at.end_index is not None:
            assert 0 <= at.start_index <= at.end_index <= len(response.output_text)
    assert response.searches >= 0
    assert response.duration_ms is None or response.duration_ms >= 0
    assert response.usage is None or isinstance(response.usage, dict)
    for word in (*response.error, response.incomplete_reason, response.id, response.status):
        assert word is None or word
