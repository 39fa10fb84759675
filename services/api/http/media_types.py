"""Media types that the API reads and writes."""

JSON = "application/json"
MARKDOWN = "text/markdown"
