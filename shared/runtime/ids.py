"""New ids: opaque, unguessable, and never made by the store."""

import random
import secrets


def new_task_id() -> str:
    """A task's id, such as ``task_5f0c…`` (128 random bits in hex)."""
    return f"task_{secrets.token_hex(16)}"


def new_token() -> str:
    """The mark by which one change of a record is recognised when it is sent twice."""
    return f"{random.getrandbits(96):024x}"
