"""Finds busy ports before any process starts."""

import socket

from shared.domain.errors import InvalidSetting


def free_port() -> int:
    """Return a free port on loopback. Another process may take it at any time."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def check_port(host: str, port: int, name: str) -> None:
    """Raise InvalidSetting, naming the setting ``name``, if the port cannot be used."""
    if error := _error(host, port):
        raise InvalidSetting(
            f"Port {port} on {host} cannot be used ({error}). Choose another one, "
            f"for example {name}={free_port()}."
        )


def simulator_port(wanted: int | None) -> int:
    """Return the wanted port; if it is None, 8001 or else any free port."""
    if wanted is not None:
        check_port("127.0.0.1", wanted, "BACKBURNER_SIMULATOR_PORT")
        return wanted
    return free_port() if _error("127.0.0.1", 8001) else 8001


def _error(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # The servers set it, too: a port in TIME_WAIT is usable.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None
