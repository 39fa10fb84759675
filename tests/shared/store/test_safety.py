"""A store that may lose what it acknowledged is named for what it is."""

from typing import Any

import pytest

from shared.errors import StoreUnsafe
from shared.store.safety import problems, require_safe

SAFE: dict[str, Any] = {
    "redis_version": "7.2.4",
    "aof_enabled": 1,
    "maxmemory_policy": "noeviction",
    "cluster_enabled": 0,
}


class Server:
    """Answers INFO and nothing else."""

    def __init__(self, **said: Any) -> None:
        self._said = SAFE | said

    async def info(self) -> dict[str, Any]:
        return self._said


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"cluster_enabled": 1}, "stand-alone"),
        ({"redis_version": "7.0.15"}, "version 7.0.15"),
        ({"redis_version": "6"}, "version 6"),
        ({"aof_enabled": 0}, "appendonly yes"),
        ({"maxmemory_policy": "allkeys-lru"}, "maxmemory-policy noeviction"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_an_unsafe_store_is_refused_unless_accepted(said: dict[str, Any], named: str) -> None:
    assert [named in problem for problem in problems(SAFE | said)] == [True]
    with pytest.raises(StoreUnsafe):
        await require_safe(Server(**said), unsafe_accepted=False)
    assert await require_safe(Server(**said), unsafe_accepted=True) is False


@pytest.mark.parametrize("version", ["7.2.4", "8.0", "10.1.0"])
async def test_a_safe_store_can_confirm_its_writes(version: str) -> None:
    assert problems(SAFE | {"redis_version": version}) == ()
    assert await require_safe(Server(redis_version=version), unsafe_accepted=False)


def test_every_problem_is_told_at_once() -> None:
    assert len(problems({"maxmemory_policy": "allkeys-lru", "cluster_enabled": 1})) == 4
