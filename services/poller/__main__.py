"""Starts one poller from the environment: ``python -m services.poller``."""

import sys

from services.poller import bootstrap
from shared.runtime.startup import run_main

if __name__ == "__main__":
    sys.exit(run_main("The poller", bootstrap.start))
