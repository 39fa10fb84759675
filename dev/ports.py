"""Which ports are free, found out before anything starts."""

import socket

from shared.domain.errors import InvalidSetting


def free_port() -> int:
    """Any free port on loopback; a moment later somebody else may have taken it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def refuse_busy(host: str, port: int, name: str) -> None:
    """Raises SettingUnusable, naming the setting ``name``, if the port cannot be listened on."""
    if error := _refusal(host, port):
        raise InvalidSetting(
            f"Port {port} on {host} cannot be used ({error}): choose another with {name}, "
            f"for example {name}={free_port()}."
        )


def simulator_port(wanted: int | None) -> int:
    """The wanted port or, when none is, 8001 if that is free."""
    if wanted is not None:
        refuse_busy("127.0.0.1", wanted, "BACKBURNER_SIMULATOR_PORT")
        return wanted
    return free_port() if _refusal("127.0.0.1", 8001) else 8001


def _refusal(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the servers do: a port in TIME_WAIT is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None
