"""The name under which a task is saved when it leaves."""

import re
from unicodedata import normalize
from urllib.parse import quote

_SLUG_LENGTH = 60


def attachment_header(name: str, title: str, extension: str) -> str:
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
