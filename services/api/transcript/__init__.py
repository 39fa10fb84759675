"""Tasks as Markdown that people can read and the API can import without loss."""
