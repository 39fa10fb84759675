"""A profile knows its own responses, and its prices by the day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.openai.model import ACTIVE, GPT_5_PRO, GPT_6_1_SOL, PROFILES, profile_of


def test_the_active_model_is_one_of_the_profiles() -> None:
    assert ACTIVE in PROFILES
    assert len({profile.name for profile in PROFILES}) == len(PROFILES)


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("gpt-5-pro", GPT_5_PRO),
        ("gpt-5-pro-2025-10-06", GPT_5_PRO),
        ("gpt-6.1-sol-2026-09-29", GPT_6_1_SOL),
        ("gpt-6x1-sol", None),
        ("gpt-5-pro-2025", None),
        ("openai/gpt-5-pro", None),
        ("", None),
        (None, None),
    ],
)
def test_a_model_is_known_by_its_name_or_a_dated_one(model: str | None, profile: object) -> None:
    assert profile_of(model) is profile


def test_the_prices_of_a_day_are_the_latest_that_have_begun() -> None:
    first = GPT_5_PRO.prices[0]
    later = replace(first, since=date(2026, 11, 1), input=Decimal(14))
    profile = replace(GPT_5_PRO, prices=(first, later))
    days = [date(2020, 1, 1), date(2026, 10, 31), date(2026, 11, 1), date.max]
    assert [profile.prices_on(day).input for day in days] == [15, 15, 14, 14]
