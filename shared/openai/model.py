"""The model profiles, and the one line that says which is active (docs/model.md).

Only a coder changes this file. There is no setting, field or widget for anything in it.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from shared.openai.profile import LongContext, ModelProfile, Prices

_REQUEST: dict[str, Any] = {
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
}
"""What the specification fixes for every task."""

GPT_5_PRO = ModelProfile(
    name="gpt-5-pro",
    request=_REQUEST,
    prices=(
        Prices(
            since=date(2025, 10, 6),
            input=Decimal(15),
            cached_input=Decimal(15),  # no discount is listed
            cache_write=Decimal(15),  # no fee before the gpt-5.6 family
            output=Decimal(120),
            web_search=Decimal(10),
            service_tiers={"default": Decimal(1)},
        ),
    ),
    # A run with 31,000 tokens in and 8,000 out cost $1.43 and its searches; rounded up.
    expected_cost=2_000_000,
    context_tokens=400_000,
    max_output_tokens=272_000,
    shutdown=date(2026, 12, 11),
)

GPT_6_1_SOL = ModelProfile(
    name="gpt-6.1-sol",
    request=_REQUEST | {"reasoning": {"mode": "pro", "summary": None}},
    prices=(
        Prices(
            since=date(2026, 9, 29),
            input=Decimal(2),
            cached_input=Decimal("0.10"),
            cache_write=Decimal("2.50"),
            output=Decimal(10),
            web_search=Decimal(10),
            long_context=LongContext(above=272_000, input=Decimal(2), output=Decimal("1.5")),
            service_tiers={
                "default": Decimal(1),
                "flex": Decimal("0.5"),
                "priority": Decimal(2),
                "fast": Decimal(2),
            },
        ),
    ),
    # The same run costs $0.14 in standard mode. How many more tokens pro mode takes is not known.
    expected_cost=1_000_000,
    context_tokens=1_050_000,
    max_output_tokens=128_000,
)

PROFILES = (GPT_5_PRO, GPT_6_1_SOL)

ACTIVE = GPT_5_PRO
"""The model that every new task is sent to."""


def profile_of(model: str | None) -> ModelProfile | None:
    """The profile of a model that a response or a record names; None if it is none of ours."""
    return next((profile for profile in PROFILES if profile.includes(model or "")), None)
