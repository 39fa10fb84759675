"""The cost of a response: its own model's prices, on its day, for the tokens that it reports."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from shared.openai.model import profile_of
from shared.openai.profile import Prices
from shared.openai.response import MAX_TOKENS, Response

_STANDARD_TIERS = (None, "auto")
"""What a response says of its service tier where nothing but the standard one applies."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens by price. ``input`` counts what was neither read from the cache nor written to it."""

    input: int
    cached: int
    written: int
    written_12h: int
    output: int

    @classmethod
    def parse(cls, usage: dict[str, Any]) -> Self | None:
        """The counts, or None if they are missing or contradict each other.

        ``input_tokens`` includes the cached and the written ones. Servers without a cache leave
        the details out.
        """
        details = usage.get("input_tokens_details") or {}
        if not isinstance(details, dict):
            return None
        lifetimes = details.get("cache_write_tokens_details") or {}
        if not isinstance(lifetimes, dict):
            return None
        counts: list[Any] = [
            usage.get("input_tokens"),
            usage.get("output_tokens"),
            details.get("cached_tokens") or 0,
            details.get("cache_write_tokens") or 0,
            lifetimes.get("ttl_12h_tokens") or 0,
        ]
        if not all(isinstance(count, int) and 0 <= count <= MAX_TOKENS for count in counts):
            return None
        total, output, cached, written, written_12h = counts
        if cached + written > total or written_12h > written:
            return None
        return cls(total - cached - written, cached, written - written_12h, written_12h, output)

    @property
    def total_input(self) -> int:
        """All input tokens, by which a long context is recognised."""
        return self.input + self.cached + self.written + self.written_12h


def cost(response: Response) -> int | None:
    """Micro-dollars, or None if the model, its service tier or the token counts have no price."""
    profile = profile_of(response.model)
    usage = TokenUsage.parse(response.reported_usage)
    if profile is None or usage is None:
        return None
    if response.output_text and not (usage.total_input and usage.output):
        return None  # an answer takes tokens: this server does not count them
    prices = profile.prices_on(_day(response))
    tokens = _token_cost(usage, prices, _tier(response))
    if tokens is None:
        return None
    searches = response.searches * prices.web_search * 1000
    return int((tokens + searches).to_integral_value(ROUND_HALF_UP))


def _token_cost(usage: TokenUsage, prices: Prices, tier: str) -> Decimal | None:
    factor = prices.service_tiers.get(tier)
    if factor is None or (usage.written_12h and prices.cache_write_12h is None):
        return None
    on_input, on_output = prices.context_factors(usage.total_input)
    read = (
        usage.input * prices.input
        + usage.cached * prices.cached_input
        + usage.written * prices.cache_write
        + usage.written_12h * (prices.cache_write_12h or 0)
    )
    return factor * (on_input * read + on_output * usage.output * prices.output)


def _tier(response: Response) -> str:
    tier = response.body.get("service_tier")
    return "default" if tier in _STANDARD_TIERS else str(tier)


def _day(response: Response) -> date:
    """The day (UTC) on which the response was made; the latest if it does not say."""
    created_at = response.body.get("created_at")
    try:
        return datetime.fromtimestamp(float(created_at), UTC).date()  # type: ignore[arg-type]  # caught below
    except (TypeError, ValueError, OverflowError, OSError):
        return date.max
