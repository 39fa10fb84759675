"""The only way to the provider: one HTTP client, and a monitor of its calls."""
