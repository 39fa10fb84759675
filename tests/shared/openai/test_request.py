"""The body of the POST is the one of the specification, and nothing else."""

import pytest
from openai.types.responses import ResponseCreateParams
from pydantic import TypeAdapter

from shared.openai import request
from shared.openai.model import GPT_5_PRO, GPT_6_1_SOL, PROFILES
from shared.openai.profile import ModelProfile

CONVERSATION = [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]
SPECIFIED = {
    "model": "gpt-5-pro",
    "input": CONVERSATION,
    "text": {"format": {"type": "text"}},
    "reasoning": {"summary": None},
    "tools": [
        {
            "type": "web_search",
            "user_location": {"type": "approximate"},
            "search_context_size": "high",
        }
    ],
    "background": True,
    "metadata": {"task_id": "task_1"},
}


def test_the_body_is_the_specified_one_with_only_the_task_id_added() -> None:
    assert request.build(CONVERSATION, "task_1", GPT_5_PRO) == SPECIFIED


def test_the_successor_is_asked_the_same_in_pro_mode() -> None:
    assert request.build(CONVERSATION, "task_1", GPT_6_1_SOL) == SPECIFIED | {
        "model": "gpt-6.1-sol",
        "reasoning": {"mode": "pro", "summary": None},
    }


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_each_profiles_request_is_valid_by_the_published_schema(profile: ModelProfile) -> None:
    body = request.build(CONVERSATION, "task_1", profile)
    TypeAdapter(ResponseCreateParams).validate_python(body)
    assert "store" not in body
