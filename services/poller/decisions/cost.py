"""The price of a response, from its token usage and searches."""

from shared.openai.request import INPUT_PRICE, OUTPUT_PRICE, SEARCH_PRICE
from shared.openai.response import Response


def cost(response: Response) -> int | None:
    """Micro-dollars, or None if the provider reports no plausible token usage."""
    usage = response.usage or {}
    tokens = usage.get("input_tokens"), usage.get("output_tokens")
    match tokens:
        case (int(read), int(written)):
            searches = response.searches * SEARCH_PRICE
            return read * INPUT_PRICE + written * OUTPUT_PRICE + searches
        case _:
            return None
