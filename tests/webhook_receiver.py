"""A receiver of webhooks for tests: it verifies every request with the published library."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Receiver:
    """What came in; ``answer`` decides on the status of each request."""

    url: str = ""
    secret: str = ""
    answer: Callable[[], int] = lambda: 204
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    confirmed: dict[str, list[Any]] = field(default_factory=dict)
    """Verified events that were answered with 2xx, by their webhook-id."""
    rejected: int = 0
    """Requests whose signature was wrong."""
    failed: int = 0
    """Requests that were answered with a failure."""
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with receiver.lock:
                status = self._judge(body, headers)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def _judge(self, body: bytes, headers: dict[str, str]) -> int:
            receiver.bodies.append(body)
            receiver.headers.append(headers)
            try:
                event = Webhook(receiver.secret).verify(body, headers)
            except Exception:  # noqa: BLE001 -- the library raises several
                receiver.rejected += 1
                return 401
            status = receiver.answer()
            if 200 <= status < 300:
                receiver.confirmed.setdefault(headers["webhook-id"], []).append(event)
            else:
                receiver.failed += 1
            return status

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
