"""The provider's signed events: they make a poll come sooner, and find what was lost."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.exceptions import HTTPException

from services.api.dependencies import ContextDep
from services.api.problems.errors import BadSignature
from services.api.problems.openapi import problem_responses
from services.api.routes.actions import RESPONSE_ID
from shared.queue import webhook_job

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


class Ended(BaseModel):
    """The response that an event speaks of."""

    id: Annotated[str, Field(pattern=RESPONSE_ID)]


class Event(BaseModel):
    """An event that matters here; every other is acknowledged and forgotten."""

    type: Literal[
        "response.completed", "response.failed", "response.cancelled", "response.incomplete"
    ]
    data: Ended


@router.post(
    "/openai",
    status_code=204,
    responses=problem_responses(
        "bad-signature", "not-found", "too-large", always=["store-unavailable"]
    ),
)
async def receive_webhook(request: Request, context: ContextDep) -> Response:
    """Take an event of OpenAI's (Standard Webhooks); 404 without OPENAI_WEBHOOK_SECRET.

    It is believed in nothing but which response to look at. Polling never depends on it.
    """
    secret = context.settings.webhook_secret
    if secret is None:
        raise HTTPException(404)
    body = await request.body()
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
