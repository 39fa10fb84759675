"""What a task looks like when it leaves: whole, and fit to be handed in again."""

from collections.abc import Mapping
from typing import Any

FORMAT = "backburner/1"

_HANDED_IN = ("title", "parent_id", "input")


def export_document(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The body that hands the task in again, with everything else of it under ``export``."""
    rest = {name: value for name, value in whole.items() if name not in _HANDED_IN}
    return {name: whole[name] for name in _HANDED_IN} | {"export": {"format": FORMAT, **rest}}
