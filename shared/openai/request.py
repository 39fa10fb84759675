"""The fixed request: the one place that names the model, its parameters and its prices.

Only a coder changes this file. There is no setting, field or widget for anything in it.
"""

from typing import Any

MODEL = "gpt-5-pro"

INPUT_PRICE = 15
"""Micro-dollars a token: 15 dollars a million."""

OUTPUT_PRICE = 120
"""Micro-dollars a token, reasoning included: 120 dollars a million."""

SEARCH_PRICE = 10_000
"""Micro-dollars a web search: 10 dollars a thousand."""

EXPECTED_COST = 2_000_000
"""Micro-dollars that a task counts for in the budget before there is a history to go by: a run with
31,000 tokens in and 8,000 out cost 1.43 dollars and its searches, rounded up to whole dollars."""


def build(conversation: list[dict[str, Any]], task_id: str) -> dict[str, Any]:
    """The body of ``POST /responses``. The metadata lets a paid answer be found again."""
    return {
        "model": MODEL,
        "input": conversation,
        "text": {"format": {"type": "text"}},
        "reasoning": {"summary": None},
        "tools": [
            {
                "type": "web_search",
                "user_location": {"type": "approximate"},
                "search_context_size": "high",
            }
        ],
        "background": True,
        "metadata": {"task_id": task_id},
    }
