"""Adds, lists, rotates and revokes the tokens of `make run`: `python -m dev.tokens add NAME`."""

import os
import sys
from collections.abc import Mapping

from dev.process_plan import system_environment
from dev.settings import environment, read_settings, tokens_file
from shared.domain.errors import InvalidSetting


def main() -> None:
    """Replace this process by the API's token command, with the path of the tokens file."""
    given = environment()
    path = tokens_file(given)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "services.api.auth", "--file", str(path), *sys.argv[1:]]
    try:
        env = system_environment(given) | _store(given)
    except InvalidSetting as error:
        sys.exit(error.message)
    os.execve(sys.executable, argv, env)  # noqa: S606 -- our own command


def _store(given: Mapping[str, str]) -> dict[str, str]:
    """Where the tasks are; a store that `make run` embeds is reached by its own processes alone."""
    if not given.get("REDIS_URL"):
        return {}
    return {
        "REDIS_URL": given["REDIS_URL"],
        "BACKBURNER_PROVIDER": read_settings(given).provider,
    }


if __name__ == "__main__":
    main()
