"""Starts a process: an error that an operator can correct is one sentence and exit code 1."""

import signal
import sys
from collections.abc import Callable

from redis.exceptions import RedisError

from shared.domain.errors import InvalidSetting, StoreRefuses, StoreUnsafe
from shared.runtime.store_problem import describe


def run_main(name: str, start: Callable[[], None]) -> int:
    """Run ``start``; returns 1 after printing an error that an operator can correct."""
    # Until ``start`` installs its own handlers. Without one, SIGTERM has no effect on process 1 of
    # a container, and a start may wait for minutes until the store has loaded its data.
    signal.signal(signal.SIGTERM, _exit)
    try:
        start()
    except (InvalidSetting, StoreUnsafe, StoreRefuses, RedisError, OSError) as error:
        sys.stderr.write(f"{name} cannot start: {sentence(error)}\n")
        return 1
    return 0


def _exit(number: int, _: object) -> None:
    sys.exit(128 + number)


def sentence(error: Exception) -> str:
    """What an operator must correct."""
    match error:
        case InvalidSetting(message=message):
            return message
        case StoreUnsafe(problems=problems):
            return (
                f"the store at REDIS_URL is unsafe: {'; '.join(problems)}."
                " BACKBURNER_ALLOW_UNSAFE_STORE=true accepts that."
            )
        case StoreRefuses(message=message):
            return f"the store at REDIS_URL {message}"
        case RedisError():
            return f"the store at REDIS_URL {describe(error)}."
        case _:
            return f"{error}."
