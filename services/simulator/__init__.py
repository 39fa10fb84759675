"""A faithful local Responses API in background mode, for tests and for a run without a key."""
