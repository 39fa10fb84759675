"""Reads from GET /models/{id} when the provider will end the model."""

from datetime import date

import orjson

from services.poller.results import Reply


def announced_shutdown(reply: Reply) -> date | None:
    """The ``shutdown_date``, or None if it is missing, null or no date."""
    try:
        text = orjson.loads(reply.body)["shutdown_date"]
        return date.fromisoformat(text[: len("2026-12-11")])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
