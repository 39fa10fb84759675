"""A TCP proxy before the store that swallows one request or one reply, when a test says so."""

import asyncio
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass
from ssl import SSLContext
from threading import Event, Thread
from typing import Literal, Self

Loss = Literal["request held", "reply held", "reply lost"]
"""A held one leaves the connection open and silent; a lost one closes it."""


@dataclass
class Rule:
    """Spoils the next exchange whose request contains ``match``; ``fired`` tells when it did."""

    loss: Loss
    match: bytes
    fired: Event


class LossyProxy:
    """Forwards everything to a port of this machine; a context manager with a thread of its own.

    With ``tls`` its clients must speak TLS.
    """

    def __init__(self, upstream: int, tls: SSLContext | None = None) -> None:
        self._upstream = upstream
        self._tls = tls
        self._rules: list[Rule] = []
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        serving = asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(5)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def spoil(self, loss: Loss, match: bytes) -> Event:
        """Spoil one exchange; the event is set when that has happened."""
        rule = Rule(loss, match, Event())
        self._rules.append(rule)
        return rule.fired

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, client: StreamReader, to_client: StreamWriter) -> None:
        server, to_server = await asyncio.open_connection("127.0.0.1", self._upstream)
        caught: list[Rule] = []
        pumps = {
            asyncio.ensure_future(self._requests(client, to_server, caught)),
            asyncio.ensure_future(self._replies(server, to_client, caught)),
        }
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the proxy ends
            return
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            to_client.close()
            to_server.close()

    async def _requests(self, client: StreamReader, to: StreamWriter, caught: list[Rule]) -> None:
        while data := await client.read(1 << 16):
            rule = next((rule for rule in self._rules if rule.match in data), None)
            if rule:
                self._rules.remove(rule)
                caught.append(rule)
                if rule.loss == "request held":
                    rule.fired.set()
                    await asyncio.Event().wait()
            to.write(data)
            await to.drain()

    async def _replies(self, server: StreamReader, to: StreamWriter, caught: list[Rule]) -> None:
        while data := await server.read(1 << 16):
            if caught:  # the server has carried it out; nobody will hear of it
                caught[0].fired.set()
                if caught[0].loss == "reply held":
                    await asyncio.Event().wait()
                return
            to.write(data)
            await to.drain()
