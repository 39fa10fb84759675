"""The price of a response, from its token usage and searches."""

from shared.openai.request import INPUT_PRICE, OUTPUT_PRICE, SEARCH_PRICE
from shared.openai.response import Response

MAX_TOKENS = 10**9
"""A larger count is implausible, and its price might exceed an integer in Redis."""


def cost(response: Response) -> int | None:
    """Micro-dollars, or None if the provider reports no plausible token usage."""
    usage = response.usage or {}
    tokens = usage.get("input_tokens"), usage.get("output_tokens")
    match tokens:
        case (int(read), int(written)) if 0 <= read <= MAX_TOKENS and 0 <= written <= MAX_TOKENS:
            searches = response.searches * SEARCH_PRICE
            return read * INPUT_PRICE + written * OUTPUT_PRICE + searches
        case _:
            return None
