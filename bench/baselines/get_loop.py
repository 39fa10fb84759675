"""One coroutine a task that GETs and sleeps, keeping nothing: the floor under every poll."""

import asyncio
import os

import httpx2
import uvloop

INTERVAL, TASKS = float(os.environ["INTERVAL"]), int(os.environ["TASKS"])
BASE = os.environ["OPENAI_BASE_URL"]


async def chain(client: httpx2.AsyncClient, task: int) -> None:
    """Poll one task for ever."""
    await asyncio.sleep(1 + INTERVAL * task / TASKS)
    while True:
        await client.get(f"{BASE}/responses/resp_{task}")
        await asyncio.sleep(INTERVAL)


async def main() -> None:
    """Poll all of them."""
    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=None)) as client:
        await asyncio.gather(*(chain(client, task) for task in range(TASKS)))


if __name__ == "__main__":
    uvloop.run(main())
