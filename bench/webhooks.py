"""From a webhook to the answer in the API: ``python -m bench.webhooks`` (goal: p95 under 300 ms).

Real processes on this machine. Polls are a minute apart, so nothing but the webhook brings an end.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from uuid import uuid4

import httpx
import orjson
from standardwebhooks import Webhook

from tests.harness import Installation

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 -- of a server that lives for a minute
ONE_BY_ONE, AT_ONCE, ROUNDS = 100, 20, 5


async def ended_after(client: httpx.AsyncClient, task_id: str, response_id: str) -> float:
    """Post the event that a response has ended; seconds until the API shows its task completed."""
    event = {"type": "response.completed", "data": {"id": response_id}}
    body = orjson.dumps({"id": f"evt_{uuid4().hex}", "object": "event", **event}).decode()
    headers = _signed(body)
    began = time.perf_counter()
    (await client.post("/v1/webhooks/openai", content=body, headers=headers)).raise_for_status()
    while True:
        task = await client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=30"})
        if task.json()["status"] == "completed":
            return time.perf_counter() - began


async def ready(client: httpx.AsyncClient, number: int) -> list[tuple[str, str]]:
    """So many tasks whose responses have ended, of which nobody has told the API."""
    posts = [client.post("/v1/tasks", json={"input": "How soon?"}) for _ in range(number)]
    ids = [reply.json()["id"] for reply in await asyncio.gather(*posts)]
    found = []
    for task_id in ids:
        task = (await client.get(f"/v1/tasks/{task_id}")).json()
        while task["response_id"] is None:
            waiting = await client.get(f"/v1/tasks/{task_id}", headers={"Prefer": "wait=5"})
            task = waiting.json()
        found.append((task_id, task["response_id"]))
    await asyncio.sleep(0.5)  # the simulator needs 0.1 s for the last of them
    return found


def _signed(body: str) -> dict[str, str]:
    now, name = datetime.now(UTC), f"wh_{uuid4().hex}"
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(name, now, body),
    }


def row(name: str, seconds: Sequence[float]) -> str:
    """One line of the table, in milliseconds."""
    p95 = quantiles(seconds, n=20)[-1]
    figures = (median(seconds), p95, max(seconds))
    return f"{name:<24}{len(seconds):>7}" + "".join(f"{1000 * each:>9.0f}" for each in figures)


async def measure(url: str) -> None:
    """Print the table."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        single = [await ended_after(client, *one) for one in await ready(client, ONE_BY_ONE)]
        burst: list[float] = []
        for _ in range(ROUNDS):
            at_once = [ended_after(client, *one) for one in await ready(client, AT_ONCE)]
            burst += await asyncio.gather(*at_once)
    print(f"{'webhooks':<24}{'number':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    print(row("one by one", single))
    print(row(f"{AT_ONCE} at once", burst))


def main() -> None:
    """Start everything, measure, and stop it."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        installation.valkey()
        installation.simulator(
            BACKBURNER_SIMULATOR_QUEUED_SECONDS="0", BACKBURNER_SIMULATOR_RUN_SECONDS="0.1"
        )
        installation.poller(BACKBURNER_POLL_INTERVAL="61")
        installation.api(OPENAI_WEBHOOK_SECRET=SECRET)
        asyncio.run(measure(installation.api_url))


if __name__ == "__main__":
    main()
