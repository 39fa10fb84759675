"""How a process that cannot start says so: one plain sentence and exit code 1, no traceback."""

import sys
from collections.abc import Callable

from redis.exceptions import RedisError

from shared.errors import SettingUnusable, StoreUnsafe


def exit_code(name: str, start: Callable[[], None]) -> int:
    """Run ``start``; an error that an operator can mend is told to him and becomes 1."""
    try:
        start()
    except (SettingUnusable, StoreUnsafe, RedisError, OSError) as error:
        sys.stderr.write(f"{name} cannot start: {_sentence(error)}\n")
        return 1
    return 0


def _sentence(error: Exception) -> str:
    match error:
        case SettingUnusable(sentence=sentence):
            return sentence
        case StoreUnsafe(problems=problems):
            return (
                f"the store at REDIS_URL is unsafe: {'; '.join(problems)}."
                " BACKBURNER_UNSAFE_STORE=true accepts that."
            )
        case RedisError():
            return f"the store at REDIS_URL does not answer ({type(error).__name__}: {error})."
        case _:
            return f"{error}."
