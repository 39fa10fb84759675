"""An example of a task for OpenAPI."""

from typing import Any

TASK: dict[str, Any] = {
    "id": "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a",
    "status": "completed",
    "provider": "openai",
    "provider_status": "completed",
    "paused": None,
    "waiting": None,
    "title": "Write a short offshoot to the lina trilogy.",
    "created_at": "2025-12-10T04:09:01.512Z",
    "submitted_at": "2025-12-10T04:09:01.570Z",
    "completed_at": "2025-12-10T04:28:23.104Z",
    "response_id": "resp_0389930dd33170b8006938f25e984881909af1e929f2af0625",
    "client_request_id": "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a-1",
    "adopting": None,
    "adoption_refused": None,
    "parent_id": None,
    "retry_of": None,
    "answer_kind": "text",
    "model": "gpt-5-pro-2025-10-06",
    "model_note": None,
    "usage": {"input_tokens": 30988, "output_tokens": 8034, "total_tokens": 39022},
    "cost_usd": 1.4289,
    "estimated_cost_usd": None,
    "error": None,
    "receipt": None,
    "deletion": None,
    "polls": 19,
    "last_polled_at": "2025-12-10T04:28:23.104Z",
    "next_poll_at": None,
    "pinned": False,
    "archived": False,
    "unread": False,
    "version": 5,
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Write a short offshoot to the lina trilogy."}
            ],
        }
    ],
    "output_text": "Offshoot: Witness Night\n\nThe first time Mara held the Shard box, …",
    "citations": [],
    "searches": 0,
}
