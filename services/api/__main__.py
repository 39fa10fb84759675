"""Starts the API from the environment: ``python -m services.api``."""

import sys

from services.api.bootstrap import process
from shared.runtime.startup import run_main

if __name__ == "__main__":
    sys.exit(run_main("The API", process.start))
