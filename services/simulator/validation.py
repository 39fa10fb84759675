"""Validates a request as the real service does, with its error messages where known."""

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.simulator.errors import ApiError, model_not_found
from services.simulator.request import TAGS, CreateRequest

_UNSUPPORTED = {
    "store": "a background response is always stored.",
    "temperature": "it is not supported with this model.",
    "text.verbosity": "it is not supported with this model.",
    "top_logprobs": "it is not supported with this model.",
    "top_p": "it is not supported with this model.",
}


def parse_create(raw: bytes) -> CreateRequest:
    """Parse the body. Raises ApiError (400) that names the first invalid parameter."""
    try:
        body = orjson.loads(raw)
    except ValueError:
        message = "We could not parse the JSON body of your request."
        raise ApiError(400, message) from None
    try:
        request = CreateRequest.model_validate(body)
    except ValidationError as invalid:
        raise _to_api_error(invalid.errors(include_url=False)[0]) from None
    _check_reasoning(request)
    return request


def _check_reasoning(request: CreateRequest) -> None:
    reasoning, model = request.reasoning, request.model
    if reasoning is None:
        return
    if reasoning.mode is not None and not model.modes:
        message = "Unsupported parameter: 'reasoning.mode' is not supported with this model."
        raise ApiError(400, message, "reasoning.mode", "unsupported_parameter")
    for name, given, known in (
        ("effort", reasoning.effort, model.efforts),
        ("mode", reasoning.mode, model.modes),
    ):
        if given is not None and given not in known:
            message = f"Invalid value: {given!r}. Supported: {', '.join(map(repr, known))}."
            raise ApiError(400, message, f"reasoning.{name}", "unsupported_value")


def _to_api_error(error: ErrorDetails) -> ApiError:
    param = _path(error["loc"])
    if param == "model" and isinstance(error["input"], str):
        return model_not_found(error["input"], status=400)
    if param == "background":
        return ApiError(400, "Only background runs are simulated: send background=true.", param)
    match error["type"]:
        case "missing":
            message = f"Missing required parameter: '{param}'."
            return ApiError(400, message, param, "missing_required_parameter")
        case "extra_forbidden":
            return _extra(param)
        case "value_error":
            return ApiError(400, f"Invalid '{param}'.", param, "invalid_value")
        case "literal_error":
            message = f"Invalid value: {error['input']!r}. Supported: {error['ctx']['expected']}."
            return ApiError(400, message, param, "invalid_value")
    return ApiError(400, f"Invalid '{param}': {error['msg']}.", param or None, "invalid_type")


def _extra(param: str) -> ApiError:
    if param in _UNSUPPORTED:
        message = f"Unsupported parameter: '{param}': {_UNSUPPORTED[param]}"
        return ApiError(400, message, param, "unsupported_parameter")
    message = f"Unknown parameter: '{param}' (or one that the simulator does not support)."
    return ApiError(400, message, param, "unknown_parameter")


def _path(loc: tuple[int | str, ...]) -> str:
    """Write ``("input", 0, "asked", "role")`` as ``input[0].role``."""
    steps = [
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step not in TAGS
    ]
    return "".join(steps).removeprefix(".")
