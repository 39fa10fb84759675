"""Negotiates the media type by the Accept header (RFC 9110, 12.5.1)."""

from collections.abc import Sequence


def best_match(accept: str, offered: Sequence[str]) -> str | None:
    """The offered media type of the highest weight, or the first of equals; None if none fits."""
    ranges = [_range(item) for item in accept.split(",") if item.strip()]
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda media_type: _weight(media_type, ranges))
    return best if _weight(best, ranges) > 0 else None


def _range(item: str) -> tuple[str, float]:
    media_range, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media_range, min(max(float(value), 0), 1)
            except ValueError:
                return media_range, 0
    return media_range, 1


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that matches."""
    weights = dict(ranges)
    kind = media_type.partition("/")[0]
    for pattern in (media_type, f"{kind}/*", "*/*"):
        if pattern in weights:
            return weights[pattern]
    return 0
