"""A busy port is found out before anything starts."""

import socket

import pytest

from dev.ports import check_port, free_port, simulator_port
from shared.domain.errors import InvalidSetting


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(InvalidSetting, match=host):
        check_port(host, free_port(), "BACKBURNER_PORT")


def test_a_busy_port_is_refused_with_a_free_one_and_only_a_chosen_simulator_port_is() -> None:
    check_port("127.0.0.1", free_port(), "BACKBURNER_PORT")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidSetting, match=rf"Port {port} .*in use.* BACKBURNER_PORT=\d+"):
            check_port("127.0.0.1", port, "BACKBURNER_PORT")
        with pytest.raises(InvalidSetting, match="BACKBURNER_SIMULATOR_PORT"):
            simulator_port(port)
    assert simulator_port(None)
