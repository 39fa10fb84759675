"""No secret, no question and no answer is in anything that a process writes or tells a stranger."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
import redis

from services.api.auth.token import digest
from tests.harness import Installation, eventually, free_port, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

KEY = "sk-canary-provider-key-4711"
REFUSED_KEY = "sk-canary-refused-key-4712"
TOKEN = "bb_canary-token-of-alice-4713"
WRONG_TOKEN = "bb_canary-token-of-nobody-4714"
PASSWORD = "canary-password-of-the-store-4715"
WEBHOOK = "whsec_Y2FuYXJ5IHdlYmhvb2sgc2VjcmV0IDQ3MTY="
WEBHOOK_KEY = "Y2FuYXJ5LWtleS1vZi13ZWJob29rLXNlY3JldHMtNDc="
RECEIVER = "canaryreceiver4718"
"""Stands in the addresses of webhook endpoints, which may hold a secret."""

QUESTION = "canaryquestion4717"
ANSWER = "no model was asked and nothing was paid"
"""Stands in every answer of the simulator."""

CANARIES = [KEY, REFUSED_KEY, TOKEN, WRONG_TOKEN, PASSWORD, WEBHOOK, QUESTION, ANSWER]
CANARIES += [WEBHOOK_KEY, RECEIVER]
CANARIES += [digest(TOKEN.encode()), WEBHOOK.removeprefix("whsec_")]


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server that is answered by ``handler``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Indiscreet(BaseHTTPRequestHandler):
    """A provider that repeats all it is sent in each of its errors, and has many."""

    protocol_version = "HTTP/1.1"
    statuses: Iterator[int]

    def do_GET(self) -> None:
        self._answer(200, {"id": "gpt-5-pro", "object": "model"})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["content-length"])).decode()
        everything = f"{self.headers['authorization']}\n{sent}"
        error = {"message": everything, "type": everything, "code": everything}
        self._answer(next(self.statuses), {"error": error})

    def _answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("server", "backburner-simulator")
        self.send_header("x-request-id", "req_1")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a server header of its own."""
        self.send_response_only(code, message)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def collector(taken: list[bytes]) -> type[BaseHTTPRequestHandler]:
    """A receiver of traces."""

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    return Collector


@dataclass
class Witness:
    """A client with a token that keeps whatever it was told beside its own tasks."""

    url: str
    told: list[bytes] = field(default_factory=list)

    def ask(self, method: str, path: str, *, token: str = TOKEN, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        reply = http.request(method, f"{self.url}{path}", headers=headers, timeout=30, **options)
        if not reply.is_success or not path.startswith("/v1"):
            self.told.append(reply.content)
            self.told.append(str(reply.headers).encode())
        return reply

    def submit(self, more: str = "") -> str:
        reply = self.ask("POST", "/v1/tasks", json={"input": f"{QUESTION} {more}"})
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def until(self, task_id: str, *statuses: str) -> Any:
        def look() -> Any:
            task = self.ask("GET", f"/v1/tasks/{task_id}").json()
            return task if task["status"] in statuses else None

        return eventually(look, f"{task_id} is {statuses}")


def install(place: Installation, form: str, traces: str) -> Witness:
    """Everything but the pollers, with canaries wherever a secret goes."""
    place.valkey()
    port = place.redis_url.rpartition(":")[2]
    redis.Redis.from_url(place.redis_url).config_set("requirepass", PASSWORD)
    place.redis_url = f"redis://:{PASSWORD}@127.0.0.1:{port}"
    place.environment |= {
        "BACKBURNER_LOG_FORMAT": form,
        "OTEL_EXPORTER_OTLP_ENDPOINT": traces,
        "BACKBURNER_WEBHOOK_ALLOW": "127.0.0.1",
        "BACKBURNER_WEBHOOK_KEY": WEBHOOK_KEY,
    }
    place.simulator(BACKBURNER_SIMULATOR_KEY=KEY, OPENAI_WEBHOOK_SECRET=WEBHOOK)
    tokens = place.folder / "tokens.toml"
    table = f'[tokens.alice]\nsha256 = "{digest(TOKEN.encode())}"\nadmin = true\n'
    tokens.write_text(table + "requests_per_minute = 100000\n")
    place.api(BACKBURNER_TOKENS_FILE=str(tokens), OPENAI_WEBHOOK_SECRET=WEBHOOK)
    witness = Witness(place.api_url)
    # What one receives is searched, too; nothing listens at the other.
    for receiver in (traces, "http://127.0.0.1:1"):
        endpoint = {"url": f"{receiver}/{RECEIVER}?key={RECEIVER}"}
        assert witness.ask("POST", "/v1/webhook-endpoints", json=endpoint).status_code == 201
    return witness


def ask_for_trouble(witness: Witness, task_id: str) -> None:
    """Every kind of refusal, with a canary in what is refused."""
    for token in (WRONG_TOKEN, f"{TOKEN}x", TOKEN.upper()):
        assert witness.ask("GET", "/v1/tasks", token=token).status_code == 401
        witness.ask("GET", "/readyz", token=token)
    bodies: list[dict[str, Any]] = [
        {"input": [{"role": QUESTION, "content": QUESTION}]},
        {"input": [{"role": "user", "content": [{"type": QUESTION, "text": QUESTION}]}]},
        {"input": [{"role": "user", "content": {"text": QUESTION}}]},
        {"input": QUESTION, "title": QUESTION * 20},
        {"input": QUESTION, "parent_id": f"task_{QUESTION}"},
        {"input": [{"role": "assistant", "content": QUESTION}]},
    ]
    for body in bodies:
        assert witness.ask("POST", "/v1/tasks", json=body).status_code == 422
    for url in (f"https://{RECEIVER}@127.0.0.1/", f"https://[{RECEIVER}]/", RECEIVER):
        reply = witness.ask("POST", "/v1/webhook-endpoints", json={"url": url})
        assert reply.status_code == 422
    for content in (f'{{"input":"{QUESTION}', f'"{QUESTION}"', QUESTION):
        headers = {"Content-Type": "application/json"}
        reply = witness.ask("POST", "/v1/tasks", content=content, headers=headers)
        assert 400 <= reply.status_code < 500
    key = {"Idempotency-Key": "once"}
    for text in (QUESTION, f"{QUESTION} again"):
        witness.ask("POST", "/v1/tasks", json={"input": text}, headers=key)
    signature = {"webhook-id": "evt_1", "webhook-timestamp": "1", "webhook-signature": WEBHOOK}
    forged = {"type": QUESTION, "data": {"id": WEBHOOK}}
    for headers in ({}, signature):
        reply = witness.ask("POST", "/v1/webhooks/openai", json=forged, headers=headers)
        assert reply.status_code == 401
    witness.ask("GET", "/v1/tasks", params={"q": QUESTION})
    witness.ask("GET", "/v1/tasks", params={"cursor": "x", "q": QUESTION})
    witness.ask("GET", "/v1/tasks", headers={"Host": f"{QUESTION}.example"})
    witness.ask("POST", "/v1/tasks", headers={"Origin": f"http://{QUESTION}.example"})
    witness.ask("POST", f"/v1/tasks/{task_id}/adopt", json={"response_id": QUESTION})
    for path in ("/readyz", "/metrics", "/healthz", "/openapi.json"):
        witness.ask("GET", path)


def outage(place: Installation, witness: Witness) -> None:
    """A store that is frozen while it is asked."""
    valkey = place.processes[0]
    valkey.popen.send_signal(signal.SIGSTOP)
    try:
        for method, path in (("GET", "/v1/tasks"), ("POST", "/v1/tasks"), ("GET", "/readyz")):
            body = {"json": {"input": QUESTION}} if method == "POST" else {}
            assert witness.ask(method, path, **body).status_code == 503
    finally:
        valkey.popen.send_signal(signal.SIGCONT)
    eventually(lambda: witness.ask("GET", "/v1/tasks").is_success, "the store is back")


@pytest.mark.parametrize("form", ["text", pytest.param("json", marks=pytest.mark.slow)])
def test_nothing_tells_what_it_must_not(form: str, installation: Installation) -> None:
    """The canaries go everywhere that they are meant to, and everything goes wrong meanwhile."""
    place, traced, scraped = installation, [], []
    with listening(collector(traced)) as traces, listening(Indiscreet) as indiscreet:
        witness = install(place, form, traces)

        Indiscreet.statuses = iter([400, 422, 500, 401])
        bad = place.poller(OPENAI_API_KEY=REFUSED_KEY, OPENAI_BASE_URL=f"{indiscreet}/v1")
        failed = [witness.until(witness.submit(), "failed") for _ in range(2)]
        unconfirmed = witness.until(witness.submit(), "unconfirmed")
        witness.submit("waits for a good key")
        eventually(lambda: witness.ask("GET", "/readyz").json()["paused"], "the key is refused")
        assert bad.stop() == 0

        port = free_port()
        place.failing_poller(
            *("after post", "raise"), OPENAI_API_KEY=KEY, BACKBURNER_METRICS_PORT=str(port)
        )
        eventually(lambda: place.failed("after post"), "an exception beside a question")
        done = witness.until(witness.submit(), "completed")
        assert ANSWER in done["output_text"]
        for kind in ("broken_json", "error"):
            place.fault(kind, "retrieve")
        witness.until(witness.submit(), "completed")
        ask_for_trouble(witness, unconfirmed["id"])
        outage(place, witness)
        witness.until(witness.submit(), "completed")
        witness.ask("DELETE", f"/v1/tasks/{done['id']}")
        scraped.append(http.get(f"http://127.0.0.1:{port}/metrics").content)
        refused = place.start(
            "refused",
            ["python", "-m", "services.api"],
            {"REDIS_URL": f"redis://:{PASSWORD}@127.0.0.1:x", "BACKBURNER_TOKENS_FILE": TOKEN},
        )
        refused.popen.wait()
        for process in reversed(place.processes):
            process.stop()

    written = {process.name: process.output.encode() for process in place.processes}
    told = {f"reply {number}": body for number, body in enumerate(witness.told)}
    everything = written | told | {"metrics": b"".join(scraped), "traces": b"".join(traced)}
    for task in failed:  # what its owner may read of it must not hold the key either
        everything[task["id"]] = json.dumps(task["error"]).encode().replace(QUESTION.encode(), b"")
    assert all(everything[name] for name in ("api", "poller", "metrics", "traces"))
    assert b'"task.completed"' in everything["traces"]
    assert "webhook_not_delivered" in written["poller"].decode()
    leaks = [
        (name, canary)
        for name, text in everything.items()
        for canary in CANARIES
        if canary.encode() in text
    ]
    assert not leaks
