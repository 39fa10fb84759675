"""The size limit of rendering, and the fallback; imports nothing heavy, so the API can use it."""

from html import escape

MAX_MARKDOWN = 1_000_000  # characters


def preformatted(markdown: str) -> str:
    """Return escaped text as HTML, for an answer too large, too deep or too hostile to parse."""
    return f'<pre class="plain">{escape(markdown)}</pre>\n'.replace("\0", "\ufffd")
