"""Receives signed events of OpenAI, which speed up polls and identify unconfirmed tasks."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.exceptions import HTTPException

from services.api.dependencies import ContextDep
from services.api.problems.errors import BadSignature
from services.api.problems.openapi import problem_responses
from services.api.routes.action_route import read_small_body
from services.api.schemas.task import ResponseId
from shared.queue import webhook_job

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


class EndedResponse(BaseModel):
    """The response that an event is about."""

    id: ResponseId


class Event(BaseModel):
    """An event that is used here; all others are acknowledged and ignored."""

    type: Literal[
        "response.completed", "response.failed", "response.cancelled", "response.incomplete"
    ]
    data: EndedResponse


@router.post(
    "/openai",
    status_code=204,
    responses=problem_responses(
        "bad-signature", "not-found", "too-large", always=["store-unavailable"]
    ),
)
async def receive_webhook(request: Request, context: ContextDep) -> Response:
    """Receive an event of OpenAI (Standard Webhooks); 404 unless OPENAI_WEBHOOK_SECRET is set.

    Only the id of the response is used: a poller then retrieves it. Polling does not depend on it.
    """
    secret = context.settings.webhook_secret
    if secret is None:
        raise HTTPException(404)
    body = await read_small_body(request)
    try:
        Webhook(secret.get_secret_value()).verify(body, dict(request.headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        raise BadSignature from None
    try:
        event = Event.model_validate_json(body)
    except ValidationError:
        return Response(status_code=204)
    await context.store.enqueue(webhook_job(event.data.id, 1, 0))
    return Response(status_code=204)
