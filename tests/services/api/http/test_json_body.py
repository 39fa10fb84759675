"""A JSON body has so many values at most, however it hides them, and is else what json reads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.http.json_body import TooManyValues, _is_above, parse_json
from services.api.http.limits import MAX_JSON_VALUES

TEXT = st.text(st.sampled_from('\\"[{,]} aé'), max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def separators(value: Any) -> int:
    if isinstance(value, dict):
        return max(len(value), 1) + sum(map(separators, value.values()))
    return max(len(value), 1) + sum(map(separators, value)) if isinstance(value, list) else 0


@given(value=VALUES, ascii_only=st.booleans())
def test_values_are_counted_outside_of_strings(*, value: object, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    count = separators(value)
    assert not _is_above(body, count)
    assert count == 0 or _is_above(body, count - 1)
    assert parse_json(body) == value


MANY = MAX_JSON_VALUES + 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"input":[' + b"[]," * MANY + b"[]]}",
        b'{"input":[' + b"1," * MANY + b"1]}",
        b"{" + b",".join(b'"%d":1' % number for number in range(MANY)) + b"}",
        b'["\\\\",' + b"[]," * MANY + b"[]]",
        b'["\\"",' + b"[]," * MANY + b"[]]",
        b'["\\\\\\"",' + b"[]," * MANY + b"[]]",
        b'["' + b'","' * 4 * MANY + b'"]',
    ],
)
def test_too_many_values_are_refused_before_they_are_parsed(body: bytes) -> None:
    with pytest.raises(TooManyValues):
        parse_json(body)


def test_text_that_looks_like_values_is_text() -> None:
    text = '[{"a": [1, 2]}, \\"],' * MANY
    assert parse_json(json.dumps({"input": text}).encode()) == {"input": text}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_no_other_encoding_hides_them(encoding: str) -> None:
    body = ('["\\"",' + "[]," * MANY + "[]]").encode(encoding)
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        parse_json(body)


def test_a_byte_order_mark_is_no_text() -> None:
    assert parse_json(b"\xef\xbb\xbf[1]") == [1]
