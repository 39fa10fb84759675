"""The one exception of the client."""

from collections.abc import Mapping
from typing import Any

RETRYABLE_STATUSES = frozenset({408, 502, 503, 504})


class BackburnerError(Exception):
    """A failed call, with the problem document (RFC 9457) in ``document``.

    ``kind`` is the end of the document's ``type`` (``task-not-found``), or ``unreachable`` or
    ``unexpected-reply`` if no Backburner answered. ``detail`` is a sentence for people, ``errors``
    lists invalid fields, ``status`` is None if there was no answer.
    """

    def __init__(self, document: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.document = dict(document)
        self.retry_after = retry_after
        self.kind = str(document.get("type") or "about:blank").rpartition(":")[2]
        status = document.get("status")
        self.status = status if isinstance(status, int) else None
        self.detail = str(document.get("detail") or document.get("title") or self.kind)
        errors = document.get("errors")
        self.errors = [error for error in errors if isinstance(error, dict)] if errors else []
        super().__init__(self.detail)

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later: no answer in time, or a rate limit."""
        return (
            self.kind in {"unreachable", "too-many-requests"} or self.status in RETRYABLE_STATUSES
        )


class InvalidSetting(ValueError):
    """A setting that cannot be used: ``name`` is its environment variable, or several."""

    def __init__(self, name: str, message: str) -> None:
        self.name = name
        self.message = message
        super().__init__(f"{name}: {message}")
