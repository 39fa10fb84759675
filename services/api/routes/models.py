"""Lists the model, as OpenAI's clients ask for it."""

from typing import Any

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import PrincipalDep
from services.api.http.media_types import JSON
from services.api.problems.errors import ModelNotFound
from services.api.problems.openapi import problem_responses
from services.api.routes.openai_route import OpenAIRoute
from services.api.schemas.responses import ModelOut, ModelsOut
from shared.openai.request import MODEL

router = APIRouter(prefix="/v1/models", tags=["OpenAI"], route_class=OpenAIRoute)

_MODEL: dict[str, Any] = {"id": MODEL, "object": "model", "created": 0, "owned_by": "openai"}


@router.get("", response_model=ModelsOut, responses=problem_responses())
async def list_models(_: PrincipalDep) -> Response:
    """List the only model."""
    return Response(orjson.dumps({"object": "list", "data": [_MODEL]}), media_type=JSON)


@router.get("/{model}", response_model=ModelOut, responses=problem_responses("model-not-found"))
async def read_model(model: str, _: PrincipalDep) -> Response:
    """Read the model."""
    if model != MODEL:
        raise ModelNotFound(model, MODEL)
    return Response(orjson.dumps(_MODEL), media_type=JSON)
