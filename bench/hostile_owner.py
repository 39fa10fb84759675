"""Measures how long one owner waits while another sends the most expensive requests it may.

``python -m bench.hostile_owner [KIND]`` runs each kind of attack for 20 s at the full rate of a
token (600 requests in a burst, then 10 a second) on 40 connections, and prints the response times
(ms) of another owner, who submits small tasks and lists them one after the other.
"""

import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

import httpx

from bench.benchmark import quantile
from services.api.auth.token import digest
from tests.harness import Installation, eventually

SECONDS = 20.0
CONNECTIONS = 40
SIZE = 4 * 2**20 - 1000
"""Bytes of a large body, just below the limit."""

MARKDOWN, JSON = "text/markdown", "application/json"
PART = b'{"type":"input_text","text":"%b"}'

Request = tuple[str, str, bytes, dict[str, str]]


def post(body: bytes, media_type: str = JSON) -> Request:
    """A submission."""
    return ("POST", "/v1/tasks", body, {"Content-Type": media_type})


KINDS = (
    *("nothing", "empty arrays", "markers", "5,000 parts", "one text", "large reads"),
    "36 prefixes",
)


def requests(large: str) -> dict[str, Request]:
    """The attacks; ``large`` is the id of a task whose input is as large as allowed."""
    many = b",".join([PART % (b"a" * 750)] * 5)
    messages = b",".join([b'{"role":"user","content":[%b]}' % many] * 1000)
    prefixes = "+".join(f"{a}{b}a*" for a in "abcdef" for b in "aeiour")
    return {
        "nothing": ("GET", "/healthz", b"", {}),
        "empty arrays": post(b'{"input":[' + b"[]," * (SIZE // 3) + b"[]]}"),
        "markers": post(b"<!-- backburner: user -->\n" * (SIZE // 26), MARKDOWN),
        "5,000 parts": post(b'{"input":[%b]}' % messages),
        "one text": post(b'{"input":"' + b"word\\n" * (SIZE // 6) + b'"}'),
        "large reads": ("GET", f"/v1/tasks/{large}", b"", {"Accept-Encoding": "gzip"}),
        "36 prefixes": ("GET", f"/v1/tasks?q={prefixes}", b"", {}),
    }


def attack(port: int, token: str, request: Request, seconds: float) -> None:
    """Send the request on all connections until the time is over; print the statuses."""
    method, path, body, headers = request
    headers = headers | {"Authorization": f"Bearer {token}"}
    end, statuses = time.monotonic() + seconds, Counter[int]()

    def run(_: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            try:
                connection.request(method, path, body, headers)
                reply = connection.getresponse()
                reply.read()
            except (OSError, HTTPException):
                statuses[0] += 1
                connection.close()
                continue
            statuses[reply.status] += 1
            if reply.status == 429:
                time.sleep(0.1)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(run, range(CONNECTIONS)))
    print(f"{'':<16}{dict(sorted(statuses.items()))}", file=sys.stderr)


def times_ms(calls: Sequence[Callable[[], httpx.Response]], seconds: float) -> list[float]:
    """Call one after the other until the time is over, with a pause of 20 ms after each."""
    end, taken = time.monotonic() + seconds, []
    for call in cycle(calls):
        if time.monotonic() >= end:
            break
        began = time.perf_counter()
        reply = call()
        taken.append(1000 * (time.perf_counter() - began))
        assert reply.is_success, reply.text
        time.sleep(0.02)
    return taken


def main(kinds: list[str]) -> None:
    """Run the attacks and print the table."""
    other = f"bb_{secrets.token_hex(21)}"
    hostile = {kind: f"bb_{secrets.token_hex(21)}" for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as place:
        place.valkey()
        tokens = Path(folder) / "tokens.toml"
        tokens.write_text(
            "".join(
                f'[tokens.hostile{number}]\nsha256 = "{digest(secret.encode())}"\n'
                for number, secret in enumerate(hostile.values())
            )
            + f'[tokens.other]\nsha256 = "{digest(other.encode())}"\n'
            "requests_per_minute = 1000000\n"
        )
        limits = {"BACKBURNER_MAX_OPEN_TASKS": "100000"}
        place.api(BACKBURNER_TOKENS_FILE=str(tokens), **limits)
        port = int(place.api_url.rpartition(":")[2])
        with httpx.Client(base_url=place.api_url, timeout=120) as client:
            mine = {"Authorization": f"Bearer {other}"}
            theirs = {"Authorization": f"Bearer {hostile['large reads']}"}
            body = {"input": "".join(f"{secrets.token_hex(4)} " for _ in range(SIZE // 9))}
            large = client.post("/v1/tasks", json=body, headers=theirs).json()["id"]
            eventually(lambda: client.get("/v1/tasks?q=a1*", headers=mine).status_code != 503, "ok")

            def submit() -> httpx.Response:
                return client.post("/v1/tasks", json={"input": "Why?"}, headers=mine)

            def read() -> httpx.Response:
                return client.get("/v1/tasks", headers=mine)

            print(f"{'attack':<16}{'calls':>8}{'p50':>8}{'p99':>8}{'max':>8}")
            wanted = requests(large)
            for kind in kinds or KINDS:
                request = wanted[kind]
                arguments = (port, hostile[kind], request, SECONDS)
                process = get_context("spawn").Process(target=attack, args=arguments)
                process.start()
                taken = times_ms([submit, read], SECONDS)
                figures = (quantile(taken, 0.5), quantile(taken, 0.99), max(taken))
                print(f"{kind:<16}{len(taken):>8}" + "".join(f"{each:>8.0f}" for each in figures))
                process.join()


if __name__ == "__main__":
    main(sys.argv[1:])
