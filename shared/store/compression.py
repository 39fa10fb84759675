"""Texts at rest: compressed, and unpacked to the very same bytes."""

import asyncio
import zlib
from collections.abc import Callable

MIN_COMPRESSED_BYTES = 512
"""Bytes below which a text is kept as it is."""

MIN_THREADED_BYTES = 128 * 1024
"""Bytes above which packing is left to a thread, so that others need not wait for it."""

_ZLIB = b"\x78"
"""How every zlib stream of the default window begins, and no JSON text."""


async def compress(text: bytes) -> bytes:
    """The text as it is stored: about a third of its size if it is prose."""
    if len(text) < MIN_COMPRESSED_BYTES and not text.startswith(_ZLIB):
        return text
    return await _work(zlib.compress, text)


async def decompress(stored: bytes) -> bytes:
    """What was packed; a text of an earlier version, which packed none, as it is."""
    return await _work(zlib.decompress, stored) if stored.startswith(_ZLIB) else stored


async def _work(job: Callable[[bytes], bytes], text: bytes) -> bytes:
    return job(text) if len(text) < MIN_THREADED_BYTES else await asyncio.to_thread(job, text)
