"""Submits tasks to the Responses API, polls until they end, and keeps what comes back."""
