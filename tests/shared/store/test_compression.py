"""A text at rest is small, and comes back byte for byte."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.compression import MIN_COMPRESSED_BYTES, MIN_THREADED_BYTES, compress, decompress

PROSE = b"It was the best of times, it was the worst of times, it was the age of wisdom. " * 20


@given(st.binary(max_size=2 * MIN_COMPRESSED_BYTES))
async def test_any_bytes_come_back(text: bytes) -> None:
    assert await decompress(await compress(text)) == text


SIZES = (MIN_THREADED_BYTES - 1, MIN_THREADED_BYTES, MIN_THREADED_BYTES + 1)
LARGE = PROSE * (MIN_THREADED_BYTES // len(PROSE) + 2)


@pytest.mark.parametrize("text", [*(LARGE[:size] for size in SIZES), zlib.compress(b"no")], ids=len)
async def test_large_texts_and_those_that_look_packed_come_back(text: bytes) -> None:
    assert await decompress(await compress(text)) == text


async def test_prose_is_packed_and_a_few_words_are_left() -> None:
    assert len(await compress(PROSE)) < len(PROSE) / 2
    assert await compress(b'{"a":1}') == b'{"a":1}'


async def test_a_text_of_an_earlier_version_is_read_as_it_is() -> None:
    text = b'[{"role":"user","content":"' + b"a" * MIN_COMPRESSED_BYTES + b'"}]'
    assert await decompress(text) == text
