"""Finds links whose text names another address than the one that they lead to."""

import re
from urllib.parse import urlsplit

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:/*)?(?:[^\s/@]+@)?(?P<host>(?:[\w-]+\.)+[^\W\d]{2,})(?::\d+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
MAX_TEXT = 2_000
"""Characters of a link's text that are looked at."""


def hidden_destination(text: str, href: str) -> str | None:
    """The host or mail address of a link whose text reads as the address of another host."""
    named = _ADDRESS.fullmatch(text.strip()[:MAX_TEXT])
    if named is None:
        return None
    try:
        parts = urlsplit(href)
        host = parts.hostname or parts.path.rpartition("@")[2]
    except ValueError:
        return href
    if _plain(named["host"]) == _plain(host):
        return None
    return host or href


def _plain(host: str) -> str:
    return host.casefold().removeprefix("www.")
