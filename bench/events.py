"""How soon news reaches clients, what a resume costs them, and what a vanished crowd leaves."""

import argparse
import resource
import socket
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.event_stream import Message, messages
from tests.harness import Installation, Process, eventually

TIMES = {"queued": "created_at", "submitting": "submitted_at", "completed": "completed_at"}
"""When the store wrote an event, by the state that it tells; others carry no time of their own."""

LINES = 4
"""An event has so many, and so has the greeting of a client that resumes."""


@dataclass
class Follower:
    """A client of one replica; notes when each event came."""

    url: str
    seen: list[tuple[float, Message]] = field(default_factory=list)

    def start(self) -> None:
        """Follow for as long as the replica lives."""
        Thread(target=self._follow, daemon=True).start()
        eventually(lambda: self.seen, "the follower is connected")

    def _follow(self) -> None:
        url = f"{self.url}/v1/events"
        with suppress(httpx.HTTPError), httpx.stream("GET", url, timeout=60) as reply:
            for message in messages(reply.iter_lines()):
                self.seen.append((time.time(), message))


def delays(place: Installation, urls: Sequence[str], tasks: int, rate: float) -> None:
    """Milliseconds from the store's own time of an event to its arrival, by who made it."""
    followers = [Follower(url) for url in urls]
    for follower in followers:
        follower.start()
    made: dict[str, str] = {}
    for number in range(tasks):
        place.api_url = urls[number % len(urls)]
        made[place.submit(f"Question {number}")["id"]] = place.api_url
        time.sleep(1 / rate)
    for task_id in made:
        place.ended(task_id)
    versions = {
        int(name.split(b"-")[0]): int(entry[b"version"])
        for name, entry in place.store.xrange("backburner:events")
    }
    eventually(lambda: all(f.seen[-1][1].id == max(versions) for f in followers), "all is told")
    found: dict[str, list[float]] = {"the other replica": [], "a poller": []}
    for follower in followers:
        for at, message in follower.seen:
            if message.event != "task" or message.data["version"] != versions[message.id or 0]:
                continue  # shown as it was a moment later, with a later time
            stamp = TIMES.get(message.data["status"])
            if stamp is None:
                continue
            maker = "a poller" if stamp != "created_at" else "the other replica"
            if stamp == "created_at" and made[message.data["id"]] == follower.url:
                continue
            written = datetime.fromisoformat(message.data[stamp]).timestamp()
            found[maker].append(1000 * (at - written))
    print(f"\n{'event made by':<20}{'events':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for maker, values in (*found.items(), ("all", [*chain(*found.values())])):
        p99 = statistics.quantiles(values, n=100)[98]
        p50 = statistics.median(values)
        print(f"{maker:<20}{len(values):>8}{p50:>9.1f}{p99:>9.1f}{max(values):>9.1f}")


def resumes(place: Installation, urls: Sequence[str], kills: int) -> None:
    """A client that is killed at any line and comes back to another replica each time."""
    begun = int(place.store.get("backburner:change_counter") or 0)
    seen = [begun]
    random = Random(kills)  # noqa: S311 -- any numbers will do
    done = Event()
    busy = Thread(target=_submit, args=(urls, done), daemon=True)
    busy.start()
    for kill in range(kills):
        seen += _numbers(urls[kill % len(urls)], seen[-1], random.randint(1, 40))
    done.set()
    busy.join()
    latest = int(place.store.get("backburner:change_counter") or 0)
    while seen[-1] < latest:
        seen += _numbers(urls[0], seen[-1], LINES * (1 + latest - seen[-1]))
    missed = set(range(begun, latest + 1)) - set(seen)
    print(
        f"\n{kills} kills and resumes over {latest - begun} events:"
        f" {len(missed)} missed, {len(seen) - len(set(seen))} seen twice"
    )


def _submit(urls: Sequence[str], done: Event) -> None:
    while not done.is_set():
        for url in urls:
            httpx.post(f"{url}/v1/tasks", json={"input": "Why?"}).raise_for_status()


def _numbers(url: str, last: int, lines: int) -> list[int]:
    headers = {"Last-Event-ID": str(last)}
    with httpx.stream("GET", f"{url}/v1/events", headers=headers, timeout=60) as reply:
        some = messages(islice(reply.iter_lines(), lines))
        return [message.id for message in some if message.event == "task" and message.id]


def crowds(api: Process, url: str, clients: int, times: int) -> None:
    """Descriptors and memory of a replica while a crowd follows it, and after it has vanished."""
    process = Path(f"/proc/{api.popen.pid}")

    def figures() -> tuple[int, float]:
        pages = int((process / "statm").read_text().split()[1])
        return sum(1 for _ in (process / "fd").iterdir()), pages * resource.getpagesize() / 2**20

    def line(what: str, values: tuple[int, float]) -> None:
        print(f"{what:<28}{values[0]:>12}{values[1]:>10.1f}")

    address = urlsplit(url)
    request = b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    print(f"\n{'':<28}{'descriptors':>12}{'MiB':>10}")
    before = figures()
    line("before", before)
    for number in range(1, times + 1):
        crowd = [socket.create_connection((address.hostname, address.port)) for _ in range(clients)]
        for client in crowd:
            client.sendall(request)
        for client in crowd:
            with client.makefile() as answer:
                next(each for each in answer if each == "event: hello\n")
        line(f"crowd {number}: {clients} clients", figures())
        for client in crowd:
            client.close()
        eventually(lambda: figures()[0] < before[0] + 10, "descriptors return")
        line(f"crowd {number} has vanished", figures())


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--rate", type=float, default=8, help="tasks handed in a second")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--clients", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as place:
        place.valkey()
        place.simulator()
        place.poller()
        place.poller()
        settings: dict[str, Any] = {"BACKBURNER_MAX_OPEN_TASKS": "100000"}
        place.api(**settings)
        urls = [place.api_url]
        api = place.api(**settings)
        urls.append(place.api_url)
        print("2 API replicas, 2 pollers, one Valkey that syncs every write")
        crowds(api, urls[1], options.clients, 3)
        delays(place, urls, options.tasks, options.rate)
        resumes(place, urls, options.kills)


if __name__ == "__main__":
    main()
