"""Starts the API from the environment: ``python -m services.api``."""

import sys

from shared.startup import exit_code, importing


def start() -> None:
    """Load it, read the settings and run until told to stop."""
    with importing():
        from services.api import process  # noqa: PLC0415 -- see ``importing``
    process.start()


if __name__ == "__main__":
    sys.exit(exit_code("The API", start))
