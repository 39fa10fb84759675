"""Runs Backburner until Ctrl-C: ``python -m dev``."""

import asyncio
import sys

from dev.console import terminal
from dev.run import run
from dev.settings import environment, read_settings
from shared.domain.errors import InvalidSetting


def main() -> None:
    """Exit with 0 after Ctrl-C or SIGTERM, or with 1 and one sentence after an error."""
    try:
        sys.exit(asyncio.run(run(read_settings(environment()), terminal())))
    except InvalidSetting as error:
        sys.exit(error.message)
    except KeyboardInterrupt:  # before the signal handlers are installed; nothing runs yet
        sys.exit(1)


if __name__ == "__main__":
    main()
