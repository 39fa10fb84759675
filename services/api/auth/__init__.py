"""Who may call: a file of hashed tokens, the command that edits it, and what is valid now."""
