"""Adds, lists and revokes the tokens of `make run`: `python -m dev.tokens add NAME`."""

import os
import sys

from dev.process_plan import system_environment
from dev.settings import environment, tokens_file


def main() -> None:
    """Replace this process by the API's token command, with the path of the tokens file."""
    given = environment()
    path = tokens_file(given)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "services.api.auth", "--file", str(path), *sys.argv[1:]]
    os.execve(sys.executable, argv, system_environment(given))  # noqa: S606 -- our own command


if __name__ == "__main__":
    main()
