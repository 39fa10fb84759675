"""A response's cost is its own model's, at the prices of its day, or it is not known."""

from typing import Any

import pytest

from services.poller.decisions.cost import cost
from shared.openai.response import Response

SEARCH = {"type": "web_search_call", "action": {"type": "search"}}
TEXT = {"type": "message", "content": [{"type": "output_text", "text": "A long answer."}]}
EXAMPLE = {"input_tokens": 30_988, "output_tokens": 8_034}
GPT_5_PRO, GPT_6_1_SOL = "gpt-5-pro-2025-10-06", "gpt-6.1-sol-2026-09-29"


def usage(read: int, written: int, cached: int = 0, cache_write: int = 0) -> dict[str, Any]:
    details = {"cached_tokens": cached, "cache_write_tokens": cache_write}
    return {"input_tokens": read, "output_tokens": written, "input_tokens_details": details}


@pytest.mark.parametrize(
    ("counts", "searches", "price"),
    [
        (EXAMPLE, 0, 1_428_900),
        (EXAMPLE, 3, 1_458_900),
        (usage(30_988, 8_034, cached=20_000, cache_write=5_000), 0, 1_428_900),
        (usage(300_000, 8_034), 0, 5_464_080),
        ({"input_tokens": 0, "output_tokens": 0}, 1, 10_000),
        (EXAMPLE | {"input_tokens_details": None}, 0, 1_428_900),
        (None, 1, None),
        ({"input_tokens": 1}, 0, None),
        ({"input_tokens": "1", "output_tokens": 1.5}, 0, None),
        ({"input_tokens": -1, "output_tokens": 1}, 0, None),
        ({"input_tokens": 2**63, "output_tokens": 1}, 0, None),
        (usage(10, 1, cached=6, cache_write=5), 0, None),
        (EXAMPLE | {"input_tokens_details": {"cached_tokens": "all"}}, 0, None),
        (EXAMPLE | {"input_tokens_details": [1]}, 0, None),
    ],
    ids=str,
)
def test_the_price(counts: Any, searches: int, price: int | None) -> None:
    body = {"model": GPT_5_PRO, "usage": counts, "output": [SEARCH] * searches}
    assert cost(Response(body)) == price


@pytest.mark.parametrize(
    ("counts", "price"),
    [
        (EXAMPLE, 142_316),
        # 10,000 fresh at $2, 8,000 cached at $0.10, 2,000 written at $2.50, 5,000 out at $10
        (usage(20_000, 5_000, cached=8_000, cache_write=2_000), 75_800),
        (usage(272_000, 10_000, cached=72_000), 507_200),
        # one token more: input and cache rates twice, output one and a half times
        (usage(272_001, 10_000, cached=72_001), 964_400),
        (usage(500_000, 10_000, cached=300_000, cache_write=100_000), 1_110_000),
        (usage(5, 0, cached=5), 1),  # half a micro-dollar is rounded up
    ],
    ids=str,
)
def test_cached_and_long_inputs_are_priced_to_the_cent(counts: Any, price: int) -> None:
    assert cost(Response({"model": GPT_6_1_SOL, "usage": counts})) == price


def test_a_cache_write_for_twelve_hours_has_no_listed_price() -> None:
    counts = usage(20_000, 5_000, cache_write=2_000)
    details = counts["input_tokens_details"]
    for lifetime, known in (("ttl_30m_tokens", True), ("ttl_12h_tokens", False)):
        details["cache_write_tokens_details"] = {lifetime: 2_000}
        found = cost(Response({"model": GPT_6_1_SOL, "usage": counts}))
        assert (found is not None) == known


@pytest.mark.parametrize(
    ("model", "tier", "price"),
    [
        (GPT_5_PRO, "default", 1_428_900),
        (GPT_5_PRO, None, 1_428_900),
        (GPT_5_PRO, "auto", 1_428_900),
        (GPT_5_PRO, "flex", None),
        (GPT_5_PRO, ["default"], None),
        (GPT_6_1_SOL, "flex", 71_158),
        (GPT_6_1_SOL, "priority", 284_632),
        (GPT_6_1_SOL, "ultrafast", None),
    ],
)
def test_the_service_tier_decides(model: str, tier: Any, price: int | None) -> None:
    body = {"model": model, "service_tier": tier, "usage": EXAMPLE}
    assert cost(Response(body)) == price


@pytest.mark.parametrize(
    "model", ["gpt-6.2-sol", "gpt-5-pro-max", "gpt-5-pro-2025-10-06\n", "", None, 7]
)
def test_a_model_without_prices_costs_an_unknown_sum(model: Any) -> None:
    assert cost(Response({"model": model, "usage": EXAMPLE})) is None


def test_no_tokens_beside_an_answer_are_no_count() -> None:
    nothing = {"input_tokens": 0, "output_tokens": 0}
    assert cost(Response({"model": GPT_5_PRO, "usage": nothing, "output": [TEXT]})) is None


@pytest.mark.parametrize("created_at", [0, 4e9, -1e30, float("nan"), "today", None])
def test_any_time_of_creation_has_prices(created_at: Any) -> None:
    body = {"model": GPT_6_1_SOL, "created_at": created_at, "usage": EXAMPLE}
    assert cost(Response(body)) == 142_316
