"""Starts one poller from the environment: ``python -m services.poller``."""

import sys

from shared.runtime.startup import exit_code, importing


def start() -> None:
    """Run one poller until it is stopped."""
    with importing():
        from services.poller import bootstrap  # noqa: PLC0415 -- see ``importing``
    bootstrap.start()


if __name__ == "__main__":
    sys.exit(exit_code("The poller", start))
