"""The body of the one POST: the conversation and the fixed request of the active model."""

from copy import deepcopy
from typing import Any

from shared.openai.model import ACTIVE
from shared.openai.profile import ModelProfile


def build(
    conversation: list[dict[str, Any]], task_id: str, profile: ModelProfile = ACTIVE
) -> dict[str, Any]:
    """The body of ``POST /responses``. The metadata lets a paid answer be found again."""
    return {
        "model": profile.name,
        "input": conversation,
        **deepcopy(dict(profile.request)),
        "metadata": {"task_id": task_id},
    }
