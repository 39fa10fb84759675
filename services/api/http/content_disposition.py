"""Names the file that a browser saves an export under."""

import re
from unicodedata import normalize
from urllib.parse import quote

MAX_SLUG_LENGTH = 60


def attachment_header(name: str, title: str, extension: str) -> str:
    """A Content-Disposition header (RFC 6266) with a file name of title and ``name``.

    It has an ASCII spelling, too, for clients that do not read ``filename*``.
    """
    letters = normalize("NFKD", title).encode("ascii", "ignore").decode()
    ascii_name, full_name = (
        f"{slug}-{name}.{extension}" if (slug := _slug(text)) else f"{name}.{extension}"
        for text in (letters, title)
    )
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(full_name, safe='')}"


def _slug(text: str) -> str:
    words = re.sub(r"[\W_]+", "-", normalize("NFC", text).lower()).strip("-")
    return words[:MAX_SLUG_LENGTH].rstrip("-")
