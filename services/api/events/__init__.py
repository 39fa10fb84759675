"""News as it happens: one reader of the store's events, and a place in them for every client."""
