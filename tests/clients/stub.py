"""A local server with preset answers, for what the real one never sends."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Stub:
    """Answers everything with ``status`` and ``body``; keeps what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def says(self, body: object, status: int = 200, **headers: str) -> None:
        self.status, self.body, self.kind = status, json.dumps(body).encode(), "application/json"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def refuses(self, status: int, kind: str, **more: Any) -> None:
        document = {"type": f"urn:backburner:problem:{kind}", "status": status, "detail": "So."}
        self.says(document | more, status)
        self.kind = "application/problem+json"


@contextmanager
def serving() -> Iterator[Stub]:
    """A stub that listens on a free port of this machine."""
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            stub.asked.append((self.command, self.path, dict(self.headers), body))
            self.send_response(stub.status)
            self.send_header("Content-Type", stub.kind)
            self.send_header("Content-Length", str(len(stub.body)))
            for name, value in stub.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(stub.body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 -- as http.server calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
