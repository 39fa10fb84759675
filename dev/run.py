"""Starts the store and the services, prints the banner, and stops all in order at the end."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from dev import ports, process_plan, valkey
from dev.console import Console
from dev.lock import acquire_lock
from dev.readiness import banner, wait_until_ready
from dev.settings import STORE_DIR, Settings
from dev.supervisor import Supervisor
from shared.runtime.cancellation import cancel_and_wait

SLOW_NOTICE_S = 30.0


async def run(settings: Settings, console: Console) -> int:
    """Run until a signal or a failure; return the exit code.

    Raises InvalidSetting before the first process is started.
    """
    descriptor = acquire_lock(settings.directory) if settings.keeps_data else None
    ports.check_port(settings.host, settings.port, "BACKBURNER_PORT")
    simulator_port = ports.simulator_port(settings.simulator_port)
    if settings.redis_url is not None:
        await valkey.check_server(
            settings.redis_url, settings.provider, unsafe_accepted=settings.accepts_unsafe_store
        )

    ended: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    def finish(reason: str | None) -> None:
        if not ended.done():
            ended.set_result(reason)

    supervisor = Supervisor(console, descriptor, finish)
    _install_signals(
        lambda: finish(None), lambda: supervisor.kill() if ended.done() else finish(None)
    )
    start = asyncio.create_task(_start(settings, simulator_port, supervisor, console))
    try:
        first: set[asyncio.Future[Any]] = {ended, start}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
        reason = await ended
        console.say(reason or "Stopping. Press Ctrl-C again to kill all processes.")
    finally:
        await cancel_and_wait(start)
        await supervisor.stop()
    console.say("All processes have stopped.")
    return 1 if reason else 0


async def _start(
    settings: Settings, simulator_port: int, supervisor: Supervisor, console: Console
) -> None:
    redis_url = settings.redis_url
    if redis_url is None:
        port, password = ports.free_port(), secrets.token_hex(32)
        redis_url = valkey.url(port, password)
        server = valkey.valkey(
            settings.directory / STORE_DIR,
            process_plan.system_environment(settings.environment),
            port,
            password,
        )
        await supervisor.start(server)
        await _with_notice(
            valkey.wait_loaded(redis_url), console, "Valkey is still loading its data."
        )
    for process in process_plan.services(settings, redis_url, simulator_port):
        await supervisor.start(process)
    await _with_notice(
        wait_until_ready(settings), console, "Not ready yet. /readyz shows what is missing."
    )
    console.write(banner(settings, simulator_port).encode())


async def _with_notice(waiting: Awaitable[None], console: Console, notice: str) -> None:
    """Wait without a limit, since loading much data takes long; print the notice if it does."""
    timer = asyncio.get_running_loop().call_later(SLOW_NOTICE_S, console.say, notice)
    try:
        await waiting
    finally:
        timer.cancel()


def _install_signals(stop: Callable[[], None], interrupt: Callable[[], None]) -> None:
    """Install the handlers. Only a second SIGINT kills: `make` often sends SIGTERM twice."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupt)
    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGHUP, stop)
