"""The webhook endpoints of the caller: programs that get an event when a task ends."""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from backburner.models import as_mapping
from backburner.session import RequestOptions, Session, json_content

_Objects = list[dict[str, Any]]
_PATH = "/v1/webhook-endpoints"


class Webhooks:
    """``client.webhooks``. Endpoints and deliveries are the server's JSON objects.

    Every method raises BackburnerError.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        url: str,
        *,
        events: Sequence[str] | None = None,
        tasks: str = "all",
        format: str = "backburner",  # noqa: A002 -- the field's name
        description: str = "",
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Create an endpoint. Its ``secret`` is in this object alone: keep it."""
        body: dict[str, Any] = {
            "url": url,
            "tasks": tasks,
            "format": format,
            "description": description,
        }
        if events is not None:
            body["events"] = list(events)
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        content = json_content(body)
        content["headers"] = {**content.get("headers", {}), **headers}
        return self._read("POST", _PATH, content)

    def list(self) -> _Objects:
        """Return the endpoints, oldest first."""
        data: _Objects = self._read("GET", _PATH)["data"]
        return data

    def get(self, endpoint_id: str) -> dict[str, Any]:
        """Return one endpoint."""
        return self._read("GET", _path(endpoint_id))

    def update(self, endpoint_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- the fields of the object
        """Change ``url``, ``events``, ``tasks``, ``format``, ``description`` or ``disabled``."""
        return self._read("PATCH", _path(endpoint_id), json_content(changes))

    def delete(self, endpoint_id: str) -> None:
        """Delete an endpoint with the events that wait for it."""
        self._request("DELETE", _path(endpoint_id))

    def rotate_secret(self, endpoint_id: str) -> dict[str, Any]:
        """Return the endpoint with a new ``secret``; the old one signs, too, for 24 hours."""
        return self._read("POST", _path(endpoint_id, "rotate-secret"))

    def deliveries(self, endpoint_id: str) -> _Objects:
        """Return the latest attempts to deliver an event, newest first."""
        data: _Objects = self._read("GET", _path(endpoint_id, "deliveries"))["data"]
        return data

    def test(self, endpoint_id: str, *, timeout: float = 25.0) -> dict[str, Any] | None:
        """Have a test event sent, and return its delivery; None if none came in ``timeout`` s."""
        event_id = self._read("POST", _path(endpoint_id, "test"))["event_id"]
        end = self._session.clock() + timeout
        while True:
            for delivery in self.deliveries(endpoint_id):
                if delivery["event_id"] == event_id:
                    return delivery
            if self._session.clock() >= end:
                return None
            self._session.pause(0.5)

    def _read(
        self, method: str, path: str, options: RequestOptions | None = None
    ) -> dict[str, Any]:
        return self._session.read(self._request(method, path, options), as_mapping)

    def _request(
        self, method: str, path: str, options: RequestOptions | None = None
    ) -> httpx.Response:
        return self._session.request(method, path, retry_for=None, options=options or {})


def _path(endpoint_id: str, *rest: str) -> str:
    return "/".join((_PATH, quote(endpoint_id, safe=""), *rest))
