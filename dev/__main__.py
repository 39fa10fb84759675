"""`python -m dev`: everything on this machine until Ctrl-C."""

import asyncio
import sys

from dev.console import terminal
from dev.run import run
from dev.settings import environment, read_settings
from shared.domain.errors import InvalidSetting


def main() -> int:
    """The exit code: 0 when asked to stop, 1 when something is wrong, said in one sentence."""
    try:
        return asyncio.run(run(read_settings(environment()), terminal()))
    except InvalidSetting as unusable:
        sys.stderr.write(f"{unusable.message}\n")
        return 1
    except KeyboardInterrupt:  # before the signals are ours, nothing has been started
        return 1


if __name__ == "__main__":
    sys.exit(main())
