"""The only way to the provider: one HTTP client and how its calls went."""
