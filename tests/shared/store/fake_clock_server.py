"""A store in memory whose clock is moved by the test, forward and back."""

from typing import Any

from fakeredis import FakeAsyncRedis, FakeServer
from fakeredis.aioredis import FakeAsyncRedisConnection
from redis.asyncio import Redis

START = 1_765_339_742_000


class ClockedServer(FakeServer):
    """``now`` is what TIME says, in ms since the epoch; the lifetimes of keys are real ones."""

    now = START

    def time(self) -> list[bytes]:
        return [str(part).encode() for part in (self.now // 1000, self.now % 1000 * 1000)]


class ClockedConnection(FakeAsyncRedisConnection):
    """Answers the TIME command, sent alone or by a script, with the server's own clock."""

    async def _connect(self) -> None:
        await super()._connect()
        socket: Any = self._sock
        socket.time = self._server.time


def connect(server: ClockedServer) -> Redis:
    return FakeAsyncRedis(server=server, connection_class=ClockedConnection)
