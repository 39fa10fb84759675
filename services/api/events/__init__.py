"""Live updates: one reader of the store's events serves every client of the process."""
