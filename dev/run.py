"""One run from start to ordered end: store, services, greeting, then Ctrl-C or a failure."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from dev import ports, process_plan, valkey
from dev.console import Console
from dev.lock import lock
from dev.readiness import greeting, ready
from dev.settings import STORE, Settings
from dev.supervisor import Supervisor
from shared.runtime.cancellation import cancel_and_wait

SLOW = 30.0


async def run(settings: Settings, console: Console) -> int:
    """Returns the exit code. Raises SettingUnusable as long as nothing has been started."""
    descriptor = lock(settings.directory) if settings.keeps_data else None
    ports.refuse_busy(settings.host, settings.port, "BACKBURNER_PORT")
    simulator_port = ports.simulator_port(settings.simulator_port)
    if settings.redis_url is not None:
        await valkey.refuse_unusable(settings.redis_url)

    over: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def finish(reason: str | None) -> None:
        if not over.done():
            over.set_result(reason)

    supervisor = Supervisor(console, descriptor, finish)
    _obey_signals(lambda: finish(None), lambda: supervisor.kill() if over.done() else finish(None))
    start = asyncio.create_task(_start(settings, simulator_port, supervisor, console))
    try:
        first: set[asyncio.Future[Any]] = {over, start}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
        reason = await over
        console.say(reason or "Stopping; Ctrl-C again kills at once.")
    finally:
        await cancel_and_wait(start)
        await supervisor.stop()
    console.say("Everything has stopped.")
    return 1 if reason else 0


async def _start(
    settings: Settings, simulator_port: int, supervisor: Supervisor, console: Console
) -> None:
    redis_url = settings.redis_url
    if redis_url is None:
        port, password = ports.free_port(), secrets.token_hex(32)
        redis_url = valkey.url(port, password)
        server = valkey.valkey(
            settings.directory / STORE, process_plan.system(settings.environment), port, password
        )
        await supervisor.start(server)
        await _patiently(valkey.loaded(redis_url), console, "Valkey is still reading its data.")
    for process in process_plan.services(settings, redis_url, simulator_port):
        await supervisor.start(process)
    await _patiently(ready(settings), console, "Still not ready; /readyz says what is missing.")
    console.write(greeting(settings, simulator_port).encode())


async def _patiently(waiting: Awaitable[None], console: Console, notice: str) -> None:
    """Much data takes its time, so Ctrl-C is the only limit; a long wait is not a silent one."""
    said = asyncio.get_running_loop().call_later(SLOW, console.say, notice)
    try:
        await waiting
    finally:
        said.cancel()


def _obey_signals(stop: Callable[[], None], interrupt: Callable[[], None]) -> None:
    """Only a second Ctrl-C kills: a SIGTERM often comes twice, once from `make` itself."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGHUP, stop)
