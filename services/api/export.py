"""What a task looks like when it leaves: whole, and fit to be handed in again."""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

FORMAT = "backburner/1"

_HANDED_IN = ("title", "parent_id", "input")
_SLUG_LENGTH = 60


def document(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The body that hands the task in again, with everything else of it under ``export``."""
    rest = {name: value for name, value in whole.items() if name not in _HANDED_IN}
    return {name: whole[name] for name in _HANDED_IN} | {"export": {"format": FORMAT, **rest}}


def disposition(name: str, title: str, extension: str) -> str:
    """A Content-Disposition (RFC 6266) by which it is saved under its title and ``name``.

    The title is spelled in ASCII for programs that know no better.
    """
    letters = normalize("NFKD", title).encode("ascii", "ignore").decode()
    ascii_name, full_name = (
        f"{slug}-{name}.{extension}" if (slug := _slug(text)) else f"{name}.{extension}"
        for text in (letters, title)
    )
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(full_name, safe='')}"


def _slug(text: str) -> str:
    words = re.sub(r"[\W_]+", "-", normalize("NFC", text).lower()).strip("-")
    return words[:_SLUG_LENGTH].rstrip("-")
