"""What an accepted task survives, by the store's `appendfsync`."""

from enum import Enum

from redis.asyncio import Redis
from redis.exceptions import ResponseError


class Durability(Enum):
    """What is promised for a task once it is accepted (docs/reliability.md); the value says it."""

    ALWAYS = "Accepted tasks survive a crash of any process and a power failure."
    EVERYSEC = (
        "Accepted tasks survive a crash of any process; a power failure may lose the last second"
        " or two."
    )
    UNKNOWN = (
        "Accepted tasks survive a crash of any process; whether a power failure may lose the last"
        " second or two depends on appendfsync, which the server does not show."
    )
    NONE = "Accepted tasks may be lost: BACKBURNER_ALLOW_UNSAFE_STORE accepts an unsafe store."


async def read_appendfsync(redis: Redis) -> str | None:
    """The server's setting; None where, like managed ones, it keeps its settings to itself."""
    try:
        settings: dict[str, str] = await redis.config_get("appendfsync")
    except ResponseError:
        return None
    return settings.get("appendfsync")


async def read_durability(redis: Redis, *, confirmed: bool) -> Durability:
    """Whether writes are ``confirmed`` is decided at the start of a process."""
    if not confirmed:
        return Durability.NONE
    match await read_appendfsync(redis):
        case "always":
            return Durability.ALWAYS
        case "everysec":
            return Durability.EVERYSEC
        case _:
            return Durability.UNKNOWN
