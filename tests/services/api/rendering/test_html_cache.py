"""The cache holds the latest renderings within its limits, and nothing of a deleted task."""

import pytest

from services.api.rendering.html_cache import HtmlCache

DIGEST = b"digest"


def cached(cache: HtmlCache, *task_ids: str) -> str:
    return "".join(task_id for task_id in task_ids if cache.get(task_id, DIGEST) is not None)


def test_the_texts_of_a_task_are_found_by_their_digests_and_removed_together() -> None:
    cache = HtmlCache()
    cache.put("t", b"first", "<p>?</p>")
    cache.put("t", DIGEST, "<p>你好</p>")
    assert (cache.get("t", b"first"), cache.get("t", DIGEST)) == ("<p>?</p>", "<p>你好</p>")
    assert cache.get("u", DIGEST) is None
    cache.remove(["t"])
    assert cache.get("t", b"first") is cache.get("t", DIGEST) is None


@pytest.mark.parametrize("limit", [{"max_entries": 3}, {"max_bytes": 24}])
def test_the_least_recently_read_entry_is_evicted_first(limit: dict[str, int]) -> None:
    cache = HtmlCache(**limit)
    for task_id in "abc":
        cache.put(task_id, DIGEST, "8 bytes.")
    cache.get("a", DIGEST)
    cache.put("d", DIGEST, "8 bytes.")
    assert cached(cache, *"abcd") == "acd"


def test_a_result_larger_than_the_cache_evicts_nothing() -> None:
    cache = HtmlCache(max_bytes=10)
    cache.put("small", DIGEST, "8 bytes.")
    cache.put("large", DIGEST, "more than 10 bytes")
    assert cached(cache, "small", "large") == "small"


def test_removed_and_replaced_entries_free_their_bytes() -> None:
    cache = HtmlCache(max_bytes=16)
    for task_id in "aab":
        cache.put(task_id, DIGEST, "8 bytes.")
    cache.remove(["a", "unknown"])
    cache.put("c", DIGEST, "8 bytes.")
    assert cached(cache, *"abc") == "bc"
