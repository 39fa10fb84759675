"""One client's position in the events of the store."""

import asyncio
from dataclasses import dataclass, field

from starlette.types import Receive


@dataclass(eq=False, slots=True)
class Subscription:
    """The number of the last event sent; ``lost`` when that number is no longer valid."""

    number: int
    owner: str | None = None
    lost: bool = False
    left: bool = False
    wakeup: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait_for_disconnect(self, receive: Receive) -> None:
        """Mark the subscription as left when the client disconnects."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self.wakeup.set()
