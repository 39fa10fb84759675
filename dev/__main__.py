"""`python -m dev`: everything on this machine until Ctrl-C."""

import asyncio
import os
import sys

from dotenv import dotenv_values

from dev.console import terminal
from dev.run import run
from dev.settings import ROOT, read_settings
from shared.errors import SettingUnusable


def main() -> int:
    """The exit code: 0 when asked to stop, 1 when something is wrong, said in one sentence."""
    file = dotenv_values(ROOT / ".env", interpolate=False)
    environ = {name: value for name, value in file.items() if value is not None} | dict(os.environ)
    try:
        return asyncio.run(run(read_settings(environ), terminal()))
    except SettingUnusable as unusable:
        sys.stderr.write(f"{unusable.sentence}\n")
        return 1
    except KeyboardInterrupt:  # before the signals are ours, nothing has been started
        return 1


if __name__ == "__main__":
    sys.exit(main())
