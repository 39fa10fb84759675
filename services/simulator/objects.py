"""Builds the response object with the keys that the real service sends."""

from typing import Any

from services.simulator.lifecycle import status_at
from services.simulator.models import MODELS
from services.simulator.output import Output, output_of
from services.simulator.request import CreateRequest
from services.simulator.response_store import StoredResponse

_FAILURES = {
    "server_error": "An error occurred while processing your request.",
    "insufficient_quota": (
        "You exceeded your current quota, please check your plan and billing details."
    ),
}


def request_fields(request: CreateRequest) -> dict[str, Any]:
    """Return the request's fields that every response repeats, with the service's defaults."""
    reasoning, model = request.reasoning, request.model
    effort = (reasoning.effort if reasoning else None) or model.default_effort
    mode = (reasoning.mode if reasoning else None) or "standard"
    return {
        "model": model.snapshot,
        "instructions": request.instructions,
        "metadata": request.metadata or {},
        "reasoning": {
            "effort": effort,
            "generate_summary": reasoning.generate_summary if reasoning else None,
            "summary": reasoning.summary if reasoning else None,
            **({"mode": mode} if model.modes else {}),
        },
        "tools": [tool.model_dump() for tool in request.tools or []],
    }


def response_object(stored: StoredResponse, now: float) -> dict[str, Any]:
    """Return the response object at ``now`` (Unix seconds)."""
    status = status_at(stored.timeline, now)
    reason = stored.script.reason
    output = output_of(stored, status) if status in {"completed", "incomplete"} else Output()
    return {
        "background": True,
        "billing": {"payer": "developer"},
        "conversation": None,
        "created_at": int(stored.created_at),
        "error": {"code": reason, "message": _FAILURES[reason or ""]}
        if status == "failed"
        else None,
        "id": stored.id,
        "incomplete_details": {"reason": reason} if status == "incomplete" else None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "model": MODELS[0].snapshot,  # of a response that an earlier version stored
        "object": "response",
        "output": output.items,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "prompt": None,
        "prompt_cache_key": None,
        "prompt_cache_retention": None,
        "safety_identifier": None,
        "service_tier": "default",
        "status": status,
        "store": True,
        "temperature": 1,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "top_logprobs": 0,
        "top_p": 1,
        "truncation": "disabled",
        "usage": output.usage,
        "user": None,
        **_request_fields(stored),
    }


def _request_fields(stored: StoredResponse) -> dict[str, Any]:
    if not stored.script.drops_mode:
        return stored.request
    kept = {name: value for name, value in stored.request["reasoning"].items() if name != "mode"}
    return stored.request | {"reasoning": kept}
