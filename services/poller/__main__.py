"""Starts one poller from the environment: ``python -m services.poller``."""

import sys

from shared.runtime.startup import importing, run_main


def start() -> None:
    """Load it, read the settings and run until told to stop."""
    with importing():
        from services.poller import bootstrap  # noqa: PLC0415 -- see ``importing``
    bootstrap.start()


if __name__ == "__main__":
    sys.exit(run_main("The poller", start))
