"""What an answer may be at most, and how it looks unparsed; light enough for the API to import."""

from html import escape

MAX_MARKDOWN = 1_000_000  # characters


def plain(markdown: str) -> str:
    """The text as it stands, for an answer too large, too deep or too hostile to be parsed."""
    return f'<pre class="plain">{escape(markdown)}</pre>\n'.replace("\0", "\ufffd")
