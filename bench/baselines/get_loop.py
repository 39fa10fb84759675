"""One coroutine a task that GETs and sleeps, keeping nothing: the floor under every poll."""

import asyncio
import os

import aiohttp
import uvloop

INTERVAL, TASKS = float(os.environ["INTERVAL"]), int(os.environ["TASKS"])
BASE = os.environ["OPENAI_BASE_URL"]


async def chain(session: aiohttp.ClientSession, task: int) -> None:
    """Poll one task for ever."""
    await asyncio.sleep(1 + INTERVAL * task / TASKS)
    while True:
        async with session.get(f"{BASE}/responses/resp_{task}") as reply:
            await reply.read()
        await asyncio.sleep(INTERVAL)


async def main() -> None:
    """Poll all of them."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(chain(session, task) for task in range(TASKS)))


if __name__ == "__main__":
    uvloop.run(main())
