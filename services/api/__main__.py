"""Starts the API from the environment: ``python -m services.api``."""

import sys

from shared.runtime.startup import importing, run_main


def start() -> None:
    """Load it, read the settings and run until told to stop."""
    with importing():
        from services.api.bootstrap import process  # noqa: PLC0415 -- see ``importing``
    process.start()


if __name__ == "__main__":
    sys.exit(run_main("The API", start))
