"""Saves instructions (developer messages) under names, for each owner."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidRequest
from services.api.problems.openapi import BODY_PROBLEMS, problem_responses
from services.api.routes.request_body import ConversationRoute
from services.api.schemas.preset import PRESET_ID, PresetIn, PresetList, PresetOut
from shared.store import Preset
from shared.store.presets import MAX_PRESETS


class PresetRoute(ConversationRoute):
    """A route whose body may be as long as instructions are, in JSON."""

    media_types = (JSON,)


router = APIRouter(prefix="/v1/presets", tags=["presets"], route_class=PresetRoute)

PresetId = Annotated[str, Path(pattern=PRESET_ID, description="Chosen by the client.")]

TOO_MANY = f"You have {MAX_PRESETS} presets, which is the limit. Delete one first."


@router.get("", response_model=PresetList, responses=problem_responses())
async def list_presets(context: ContextDep, principal: PrincipalDep) -> dict[str, Any]:
    """List the presets of the token's owner."""
    return {"data": [asdict(each) for each in await context.presets.list(principal.owner)]}


@router.put("/{preset_id}", response_model=PresetOut, responses=problem_responses(*BODY_PROBLEMS))
async def save_preset(
    preset_id: PresetId, preset: PresetIn, context: ContextDep, principal: PrincipalDep
) -> dict[str, Any]:
    """Save a preset, or replace the one with this id."""
    saved = Preset(preset_id, preset.name, preset.text)
    if not await context.presets.put(principal.owner, saved):
        raise InvalidRequest([("name", TOO_MANY)])
    return asdict(saved)


@router.delete("/{preset_id}", status_code=204, responses=problem_responses("invalid-request"))
async def delete_preset(
    preset_id: PresetId, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Delete a preset. It is no error if there is none."""
    await context.presets.delete(principal.owner, preset_id)
    return Response(status_code=204)
