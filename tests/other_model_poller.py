"""A poller whose active model is another one, as after the line in the code was changed.

``python -m tests.other_model_poller``
"""

import sys

from shared.openai import model
from shared.runtime.startup import run_main

# Before any module of ours reads it.
model.ACTIVE = next(profile for profile in model.PROFILES if profile is not model.ACTIVE)

from services.poller.bootstrap import start  # noqa: E402 -- see above

if __name__ == "__main__":
    sys.exit(run_main("The poller of another model", start))
