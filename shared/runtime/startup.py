"""How a process starts: soon, or with one plain sentence and exit code 1, and no traceback."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from shared.domain.errors import InvalidSetting, StoreUnsafe


@contextmanager
def importing() -> Iterator[None]:
    """Around the imports of a whole service, most of its start: they take a seventh less in here.

    Nothing that they make is garbage, so it is not looked for, now or ever. And structlog would
    load all of rich to colour tracebacks, where it finds it; ours are plain.
    """
    there = "rich" in sys.modules
    if not there:
        sys.modules["rich"] = None  # type: ignore[assignment]  # -- whoever asks goes without
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        if not there:
            del sys.modules["rich"]


def run_main(name: str, start: Callable[[], None]) -> int:
    """Run ``start``; an error that an operator can mend is told to him and becomes 1."""
    try:
        start()
    except (InvalidSetting, StoreUnsafe, RedisError, OSError) as error:
        sys.stderr.write(f"{name} cannot start: {_sentence(error)}\n")
        return 1
    return 0


def _sentence(error: Exception) -> str:
    match error:
        case InvalidSetting(message=message):
            return message
        case StoreUnsafe(problems=problems):
            return (
                f"the store at REDIS_URL is unsafe: {'; '.join(problems)}."
                " BACKBURNER_ALLOW_UNSAFE_STORE=true accepts that."
            )
        case RedisError():
            return f"the store at REDIS_URL does not answer ({type(error).__name__}: {error})."
        case _:
            return f"{error}."
