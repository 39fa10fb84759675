"""Starts the simulator from the environment: ``python -m services.simulator``."""

import logging
import secrets
import signal
import socket
import sqlite3
import sys
import time
from contextlib import closing

import structlog
import uvicorn
from pydantic import ValidationError
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.simulator.app import create_app
from services.simulator.database import connect
from services.simulator.settings import Settings
from services.simulator.simulator import Simulator

_DRAIN_S = 2


def main() -> None:
    """Serve until SIGTERM or SIGINT. An error at the start is one sentence and exit code 1."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    settings = _settings()
    _configure_log(settings)
    try:
        listening = socket.create_server((settings.host, settings.port))
    except OSError as error:
        sys.exit(
            f"The simulator cannot listen on {settings.host}:{settings.port}: {error.strerror}."
        )
    try:
        database = connect(settings.data_dir / "simulator.sqlite")
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"The simulator cannot store its data in {settings.data_dir}: {error}.")
    with listening, closing(database):
        _serve(Simulator(settings, database, time.time, secrets.token_hex), listening)


def _serve(simulator: Simulator, listening: socket.socket) -> None:
    def drop(scope: Scope) -> None:
        for connection in list(server.server_state.connections):
            if isinstance(connection, H11Protocol) and connection.client == scope["client"]:
                connection.transport.close()

    config = uvicorn.Config(
        create_app(simulator, drop),
        http=H11Protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    server = uvicorn.Server(config)
    host, port = listening.getsockname()[:2]
    structlog.get_logger().warning(
        "simulator_started",
        note="every answer is made up and nothing is paid",
        url=f"http://{host}:{port}/v1",
    )
    server.run(sockets=[listening])


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as invalid:
        first = invalid.errors()[0]
        name = first["loc"][0] if first["loc"] else "webhooks"
        reason = first["msg"].removeprefix("Value error, ")
        sys.exit(f"The simulator cannot start: {name}: {reason}.")


def _configure_log(settings: Settings) -> None:
    as_json = settings.log_format == "json"
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            # Text has local time, as in the other processes.
            structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
            structlog.processors.JSONRenderer()
            if as_json
            else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=12),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    main()
