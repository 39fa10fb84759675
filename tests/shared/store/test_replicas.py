"""How many replicas must have a write is learned, and never less than was asked for."""

import pytest

from shared.store.replicas import Replicas

ONLINE = {"ip": "127.0.0.1", "port": 1, "state": "online", "offset": 1, "lag": 0}


@pytest.mark.parametrize(
    ("floor", "info", "needed"),
    [
        (0, {"connected_slaves": 0}, 0),
        (0, {"connected_slaves": 2, "slave0": ONLINE, "slave1": ONLINE}, 2),
        (0, {"connected_slaves": 1, "slave0": ONLINE | {"state": "wait_bgsave"}}, 0),
        (1, {"connected_slaves": 0}, 1),
        (1, {"connected_slaves": 2, "slave0": ONLINE, "slave1": ONLINE}, 2),
        (0, {"slave_read_only": 1, "slave_repl_offset": 5}, 0),
    ],
)
def test_all_that_are_in_step_and_never_fewer_than_asked(
    floor: int, info: dict[str, object], needed: int
) -> None:
    replicas = Replicas(floor)
    replicas.learn(info)
    assert replicas.needed == needed


def test_a_replica_that_is_lost_is_no_longer_waited_for() -> None:
    replicas = Replicas()
    replicas.learn({"slave0": ONLINE})
    replicas.learn({})
    assert replicas.needed == 0
