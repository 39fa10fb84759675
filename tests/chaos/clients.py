"""The people of a chaos run: they hand in tasks until each is taken, and watch what is shown."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import httpx

from tests.harness import Installation, http

PATIENCE = 180.0
"""Seconds for which one task is handed in again and again under the same idempotency key."""

SOME = 13
"""Of 256: how many of the tasks are not wanted any more once they are answered."""

OPEN = ("queued", "submitting", "in_progress")


@dataclass
class Clients:
    """``seen`` are each task's statuses as shown, ``kept`` the answers when they first showed.

    Of twenty completed tasks about one is ``unwanted``, and deleted.
    """

    installation: Installation
    stopping: Event
    seed: int
    accepted: list[str] = field(default_factory=list)
    seen: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)
    unwanted: set[str] = field(default_factory=set)
    settling: bool = False
    looking: Lock = field(default_factory=Lock)

    def submit(self, number: int) -> None:
        """One task, for as long as it takes; nobody knows whether a lost reply was a 202."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and not self.stopping.is_set():
            try:
                reply = http.post(
                    f"{self.installation.api_url}/v1/tasks",
                    json={"input": f"Question {number}: why do the tides turn?"},
                    headers={"Idempotency-Key": f"chaos-{self.seed}-{number}"},
                    timeout=20,
                )
            except httpx.HTTPError:
                reply = None
            if reply is not None and reply.status_code == httpx.codes.ACCEPTED:
                self.accepted.append(reply.json()["id"])
                return
            self.stopping.wait(0.3)

    def watch(self) -> None:
        """Look at everything every two seconds, and have some of it deleted."""
        while not self.stopping.wait(2):
            with suppress(httpx.HTTPError):
                self.tidy(self.look())

    def tidy(self, tasks: Iterable[str]) -> None:
        """Have the answered ones deleted that nobody wants, again until they are gone."""
        for task_id in tasks:
            if not self.settling and task_id in self.kept and int(task_id[-2:], 16) < SOME:
                self.unwanted.add(task_id)
                http.delete(f"{self.installation.api_url}/v1/tasks/{task_id}")

    def look(self) -> dict[str, dict[str, Any]]:
        """All tasks as they are shown now; an answer must be there once one is completed.

        One look at a time: a reply that was long on its way would seem to turn time back.
        """
        with self.looking:
            return self._look()

    def _look(self) -> dict[str, dict[str, Any]]:
        tasks = {task["id"]: task for task in self._list()}
        for task_id, task in tasks.items():
            words = self.seen.setdefault(task_id, [])
            if words[-1:] != [task["status"]]:
                words.append(task["status"])
            if task["status"] == "completed" and task_id not in self.kept:
                reply = http.get(f"{self.installation.api_url}/v1/tasks/{task_id}/response")
                if reply.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    self.kept[task_id] = reply.content
        return tasks

    def settled(self, patience: float) -> dict[str, dict[str, Any]]:
        """All tasks when none is open any more, or when patience ends."""
        end = time.monotonic() + patience
        tasks: dict[str, dict[str, Any]] = {}
        self.settling = True
        while time.monotonic() < end:
            self.stopping.wait(1)
            with suppress(httpx.HTTPError):
                tasks = self.look()
                if not any(task["status"] in OPEN or task["deletion"] for task in tasks.values()):
                    break
        return tasks

    def _list(self) -> Iterator[dict[str, Any]]:
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            url = f"{self.installation.api_url}/v1/tasks"
            page = http.get(url, params=params, timeout=10).raise_for_status().json()
            yield from page["data"]
            cursor = page["next_cursor"]
