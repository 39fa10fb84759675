"""Authentication: the file of hashed tokens, the command that edits it, and rate limits."""
