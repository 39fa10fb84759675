"""What a response cost, by its own account of tokens and searches."""

from shared.openai.request import INPUT_PRICE, OUTPUT_PRICE, SEARCH_PRICE
from shared.openai.response import Response

MAX_TOKENS = 10**9
"""Above this a count is nonsense, and its price might not fit the store's integers."""


def cost(response: Response) -> int | None:
    """Micro-dollars, or None where the provider does not say how many tokens it used."""
    usage = response.usage or {}
    tokens = usage.get("input_tokens"), usage.get("output_tokens")
    match tokens:
        case (int(read), int(written)) if 0 <= read <= MAX_TOKENS and 0 <= written <= MAX_TOKENS:
            searches = response.searches * SEARCH_PRICE
            return read * INPUT_PRICE + written * OUTPUT_PRICE + searches
        case _:
            return None
