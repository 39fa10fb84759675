"""What a response cost, by its own account of tokens and searches."""

from shared.request import INPUT_PRICE, OUTPUT_PRICE, SEARCH_PRICE
from shared.response import Response


def cost(response: Response) -> int | None:
    """Micro-dollars, or None where the provider does not say how many tokens it used."""
    usage = response.usage or {}
    tokens = usage.get("input_tokens"), usage.get("output_tokens")
    match tokens:
        case (int(read), int(written)):
            searches = response.searches * SEARCH_PRICE
            return read * INPUT_PRICE + written * OUTPUT_PRICE + searches
        case _:
            return None
