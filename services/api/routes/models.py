"""Lists the model, as OpenAI's clients ask for it."""

from datetime import UTC, datetime, time
from typing import Any

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import PrincipalDep
from services.api.http.media_types import JSON
from services.api.problems.errors import ModelNotFound
from services.api.problems.openapi import problem_responses
from services.api.routes.openai_route import OpenAIRoute
from services.api.schemas.responses import ModelOut, ModelsOut
from shared.openai.model import ACTIVE

router = APIRouter(prefix="/v1/models", tags=["OpenAI"], route_class=OpenAIRoute)

_MODEL: dict[str, Any] = {
    "id": ACTIVE.name,
    "object": "model",
    "created": int(datetime.combine(ACTIVE.prices[0].since, time.min, UTC).timestamp()),
    "owned_by": "openai",
    "shutdown_date": None if ACTIVE.shutdown is None else ACTIVE.shutdown.isoformat(),
}


@router.get("", response_model=ModelsOut, responses=problem_responses())
async def list_models(_: PrincipalDep) -> Response:
    """List the only model."""
    return Response(orjson.dumps({"object": "list", "data": [_MODEL]}), media_type=JSON)


@router.get("/{model}", response_model=ModelOut, responses=problem_responses("model-not-found"))
async def read_model(model: str, _: PrincipalDep) -> Response:
    """Read the model."""
    if model != ACTIVE.name:
        raise ModelNotFound(model, ACTIVE.name)
    return Response(orjson.dumps(_MODEL), media_type=JSON)
