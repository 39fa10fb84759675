"""The command line: every call of the API, for people in a terminal and for scripts."""

from backburner.cli import batch, decide, mcp, read, spending, submit, webhooks
from backburner.cli.app import app
from backburner.cli.main import main

__all__ = ["app", "batch", "decide", "main", "mcp", "read", "spending", "submit", "webhooks"]
