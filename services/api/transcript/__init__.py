"""Tasks as Markdown: made to be read by people, and taken back exactly as it was."""
