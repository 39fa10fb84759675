"""A local Responses API in background mode, for tests and for runs without an API key."""
