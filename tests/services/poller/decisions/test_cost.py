"""A response's price follows from its own account of tokens and searches."""

from typing import Any

import pytest

from services.poller.decisions.cost import cost
from shared.openai.response import Response

SEARCH = {"type": "web_search_call", "action": {"type": "search"}}


@pytest.mark.parametrize(
    ("usage", "searches", "price"),
    [
        ({"input_tokens": 30_988, "output_tokens": 8_034}, 0, 1_428_900),
        ({"input_tokens": 30_988, "output_tokens": 8_034}, 3, 1_458_900),
        ({"input_tokens": 0, "output_tokens": 0}, 1, 10_000),
        (None, 1, None),
        ({"input_tokens": 1}, 0, None),
        ({"input_tokens": "1", "output_tokens": 1.5}, 0, None),
        ({"input_tokens": -1, "output_tokens": 1}, 0, None),
        ({"input_tokens": 2**63, "output_tokens": 1}, 0, None),
    ],
    ids=str,
)
def test_the_price(usage: Any, searches: int, price: int | None) -> None:
    assert cost(Response({"usage": usage, "output": [SEARCH] * searches})) == price
