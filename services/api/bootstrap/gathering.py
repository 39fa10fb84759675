"""A head and its body leave in one system call: uvicorn writes one after the other."""

import asyncio
from typing import Any


class Gathering(asyncio.Transport):
    """Keeps what is written until more comes, or the turn of the loop is over.

    One part waits and no more: a stream must learn at once that its client is slow.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._parts: list[Any] = []

    def write(self, data: Any) -> None:  # noqa: ANN401 -- bytes of any kind
        """Keep it, or pass it on with what was kept."""
        self._parts.append(data)
        if len(self._parts) == 1:
            self._loop.call_soon(self._flush)
        else:
            self._flush()

    def close(self) -> None:
        """Close it after what was written."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """As it is."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """As it is."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """As it is."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> Any:  # noqa: ANN401 -- as its own
        """As it is."""
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.writelines(parts)
