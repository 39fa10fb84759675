"""The body of the POST is the one of the specification, and nothing else."""

from shared.openai import request

CONVERSATION = [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]


def test_the_body_is_the_specified_one_with_only_the_task_id_added() -> None:
    assert request.build(CONVERSATION, "task_1") == {
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
