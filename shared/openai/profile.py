"""What a model profile holds: its name, its fixed request, its prices, its limits and its end."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_SNAPSHOT = r"(-\d{4}-\d\d-\d\d)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongContext:
    """Factors on the whole request if its input has more than ``above`` tokens."""

    above: int
    input: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices from the day ``since`` (UTC): dollars a million tokens, so micro-dollars a token.

    ``service_tiers`` are factors on all token prices. What has no price here costs an unknown sum.
    ``web_search`` is dollars a thousand calls.
    """

    since: date
    input: Decimal
    cached_input: Decimal
    cache_write: Decimal
    cache_write_12h: Decimal | None = None
    output: Decimal
    web_search: Decimal
    long_context: LongContext | None = None
    service_tiers: Mapping[str, Decimal]

    def context_factors(self, input_tokens: int) -> tuple[Decimal, Decimal]:
        """The factors on the input and output prices of a request with so many input tokens."""
        if self.long_context is None or input_tokens <= self.long_context.above:
            return Decimal(1), Decimal(1)
        return self.long_context.input, self.long_context.output


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """One model. ``request`` is the fixed part of its POST, beside the conversation.

    ``expected_cost`` is micro-dollars that a task counts for in the budget while too few tasks have
    ended to tell. ``shutdown`` is the day (UTC) from which OpenAI refuses it, where announced.
    """

    name: str
    request: Mapping[str, Any]
    prices: tuple[Prices, ...]
    expected_cost: int
    context_tokens: int
    max_output_tokens: int
    shutdown: date | None = None

    @property
    def reasoning_mode(self) -> str | None:
        """The reasoning mode that the request asks for, if any."""
        mode: str | None = self.request["reasoning"].get("mode")
        return mode

    def includes(self, model: str) -> bool:
        """Whether a response with this ``model`` is of this profile: its name or a dated one."""
        return bool(re.fullmatch(re.escape(self.name) + _SNAPSHOT, model, re.ASCII))

    def prices_on(self, day: date) -> Prices:
        """The prices of that day; before the first, the first."""
        started = [prices for prices in self.prices if prices.since <= day]
        return started[-1] if started else self.prices[0]
