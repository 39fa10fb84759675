"""Keeps each owner's webhook endpoints, to which pollers send signed events."""

import re
import secrets
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import AppContext, ContextDep, IdempotencyKey
from services.api.problems.errors import InvalidRequest
from services.api.problems.openapi import BODY_PROBLEMS, problem_responses, webhook_endpoint_links
from services.api.routes.action_route import ActionRoute
from services.api.schemas.webhook_endpoint import (
    ENDPOINT_ID,
    WebhookDeliveryList,
    WebhookEndpointCreate,
    WebhookEndpointList,
    WebhookEndpointOut,
    WebhookEndpointUpdate,
    WebhookEndpointWithSecret,
    WebhookTestOut,
)
from shared.domain.errors import TooManyWebhookEndpoints, WebhookEndpointNotFound
from shared.domain.webhook_address import UnsafeAddress
from shared.domain.webhooks import OPENAI_TYPES, Endpoint, EventType, Format
from shared.presentation.serializers import format_timestamp
from shared.store.webhook_endpoints import Delivery
from shared.store.webhook_secrets import new_secret

router = APIRouter(
    prefix="/v1/webhook-endpoints", tags=["webhook endpoints"], route_class=ActionRoute
)

NOT_FOUND = "webhook-endpoint-not-found"
OPENAI_EVENTS = [event for event in EventType if event in OPENAI_TYPES]
UNKNOWN_TO_OPENAI = f"The format openai has only {', '.join(OPENAI_EVENTS)}: send these or fewer."
KEY_REUSED = "This key belongs to another endpoint. Send the same body again, or use another key."


async def _endpoint_id(
    endpoint_id: Annotated[str, Path(json_schema_extra={"pattern": ENDPOINT_ID})],
) -> str:
    """The id; a malformed one is a 404 and never reaches the store."""
    if not re.fullmatch(ENDPOINT_ID, endpoint_id):
        raise WebhookEndpointNotFound(endpoint_id)
    return endpoint_id


EndpointId = Annotated[str, Depends(_endpoint_id)]


@router.post(
    "",
    status_code=201,
    response_model=WebhookEndpointWithSecret,
    responses=problem_responses(*BODY_PROBLEMS, "webhook-secret-unreadable")
    | {201: {"links": webhook_endpoint_links()}},
)
async def create_webhook_endpoint(
    new: WebhookEndpointCreate,
    context: ContextDep,
    principal: PrincipalDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any]:
    """Create an endpoint. Its secret is in this response alone: keep it.

    A repetition with the same Idempotency-Key and body returns the same endpoint and secret.
    """
    owner, endpoints = principal.owner, context.webhook_endpoints
    events = new.events or (OPENAI_EVENTS if new.format is Format.OPENAI else list(EventType))
    _check_events(events, new.format)
    await _check_url(new.url, context)
    fields = _fields(new.model_dump(exclude_none=True) | {"events": events})
    endpoint_id, secret = _new_id(owner, idempotency_key), new_secret()
    try:
        created = await endpoints.create(owner, endpoint_id, fields, secret)
    except TooManyWebhookEndpoints as error:
        message = f"You have {error.limit} endpoints, which is the limit. Delete one first."
        raise InvalidRequest([("url", message)]) from None
    endpoint = await endpoints.load(owner, endpoint_id)
    if not created:
        if _fields(_settings(endpoint)) != fields:
            raise InvalidRequest([("Idempotency-Key", KEY_REUSED)])
        secret = await endpoints.secret(owner, endpoint_id)
        response.headers["Idempotent-Replayed"] = "true"
    root_path = context.settings.root_path
    response.headers["Location"] = f"{root_path}/v1/webhook-endpoints/{endpoint_id}"
    return _out(endpoint) | {"secret": secret}


@router.get("", response_model=WebhookEndpointList, responses=problem_responses())
async def list_webhook_endpoints(context: ContextDep, principal: PrincipalDep) -> dict[str, Any]:
    """List the endpoints of the token's owner."""
    return {"data": [_out(each) for each in await context.webhook_endpoints.list(principal.owner)]}


@router.get(
    "/{endpoint_id}", response_model=WebhookEndpointOut, responses=problem_responses(NOT_FOUND)
)
async def read_webhook_endpoint(
    endpoint_id: EndpointId, context: ContextDep, principal: PrincipalDep
) -> dict[str, Any]:
    """Read an endpoint."""
    return _out(await context.webhook_endpoints.load(principal.owner, endpoint_id))


@router.patch(
    "/{endpoint_id}",
    response_model=WebhookEndpointOut,
    responses=problem_responses(*BODY_PROBLEMS, NOT_FOUND),
)
async def update_webhook_endpoint(
    endpoint_id: EndpointId,
    update: WebhookEndpointUpdate,
    context: ContextDep,
    principal: PrincipalDep,
) -> dict[str, Any]:
    """Change an endpoint, disable it, or enable it again.

    A disabled endpoint keeps the events that wait, and gets no further ones.
    """
    owner, endpoints = principal.owner, context.webhook_endpoints
    endpoint = await endpoints.load(owner, endpoint_id)
    changed = update.model_dump(exclude_none=True, exclude={"disabled"})
    after = _settings(endpoint) | changed
    _check_events(after["events"], after["format"])
    if update.url is not None:
        await _check_url(update.url, context)
    await endpoints.update(owner, endpoint_id, _fields(changed), disabled=update.disabled)
    return _out(await endpoints.load(owner, endpoint_id))


@router.delete("/{endpoint_id}", status_code=204, responses=problem_responses(NOT_FOUND))
async def delete_webhook_endpoint(
    endpoint_id: EndpointId, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Delete an endpoint with the events that wait for it."""
    await context.webhook_endpoints.delete(principal.owner, endpoint_id)
    return Response(status_code=204)


@router.post(
    "/{endpoint_id}/test",
    status_code=202,
    response_model=WebhookTestOut,
    responses=problem_responses(NOT_FOUND, "webhook-endpoint-disabled"),
)
async def test_webhook_endpoint(
    endpoint_id: EndpointId, context: ContextDep, principal: PrincipalDep
) -> dict[str, Any]:
    """Have a poller send a `webhook.test` event, once. The deliveries show what came of it.

    In the format `openai` it is a `response.completed` of a response that does not exist.
    """
    return {"event_id": await context.webhook_endpoints.send_test(principal.owner, endpoint_id)}


@router.post(
    "/{endpoint_id}/rotate-secret",
    response_model=WebhookEndpointWithSecret,
    responses=problem_responses(NOT_FOUND),
)
async def rotate_webhook_secret(
    endpoint_id: EndpointId, context: ContextDep, principal: PrincipalDep
) -> dict[str, Any]:
    """Sign with a new secret, which is in this response alone. The old one signs, too, for 24 h."""
    secret = new_secret()
    await context.webhook_endpoints.rotate(principal.owner, endpoint_id, secret)
    endpoint = await context.webhook_endpoints.load(principal.owner, endpoint_id)
    return _out(endpoint) | {"secret": secret}


@router.get(
    "/{endpoint_id}/deliveries",
    response_model=WebhookDeliveryList,
    responses=problem_responses(NOT_FOUND),
)
async def list_webhook_deliveries(
    endpoint_id: EndpointId, context: ContextDep, principal: PrincipalDep
) -> dict[str, Any]:
    """List the latest 50 attempts to deliver an event."""
    deliveries = await context.webhook_endpoints.deliveries(principal.owner, endpoint_id)
    return {"data": [_delivery(each) for each in deliveries]}


def _new_id(owner: str | None, idempotency_key: str | None) -> str:
    """The same for the same key of an owner, so that a repetition meets what it has created."""
    if idempotency_key is None:
        return f"we_{secrets.token_hex(16)}"
    name = "\0".join([owner or "", idempotency_key])
    return f"we_{sha256(name.encode()).hexdigest()[:32]}"


def _check_events(events: Sequence[EventType], form: Format) -> None:
    if form is Format.OPENAI and not OPENAI_TYPES.keys() >= set(events):
        raise InvalidRequest([("events", UNKNOWN_TO_OPENAI)])


async def _check_url(url: str, context: AppContext) -> None:
    """Raise InvalidRequest unless a poller would send to it now. It checks again each time."""
    policy = context.settings.webhook_policy
    try:
        target = policy.check_url(url)
        if policy.names(target):
            return
        addresses = await context.resolver.resolve(target.host, target.port)
        policy.check_addresses(target, addresses)
    except UnsafeAddress as error:
        raise InvalidRequest([("url", str(error))]) from None


def _settings(endpoint: Endpoint) -> dict[str, Any]:
    """What its owner chose."""
    return {
        "url": endpoint.url,
        "events": list(endpoint.events),
        "tasks": endpoint.tasks,
        "format": endpoint.format,
        "description": endpoint.description,
    }


def _fields(settings: Mapping[str, Any]) -> dict[str, str]:
    """As the store keeps them."""
    fields = dict(settings)
    if "events" in fields:
        fields["events"] = " ".join(event for event in EventType if event in fields["events"])
    return fields


def _out(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        **_settings(endpoint),
        "created_at": format_timestamp(endpoint.created_at),
        "disabled": endpoint.disabled_at is not None,
        "disabled_at": format_timestamp(endpoint.disabled_at),
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": format_timestamp(endpoint.failing_since),
        "waiting": endpoint.waiting,
        "previous_secret_until": format_timestamp(endpoint.previous_secret_until),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "event_id": delivery.event_id,
        "type": delivery.type,
        "task_id": delivery.task_id,
        "attempt": delivery.attempt,
        "at": format_timestamp(delivery.at),
        "outcome": delivery.outcome,
        "status": delivery.status,
        "error": delivery.error,
        "duration_ms": delivery.duration_ms,
        "next_attempt_at": format_timestamp(delivery.next_attempt_at),
    }
